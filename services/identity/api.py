"""Identity's HTTP routes: parse, call, answer."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from services.identity import handlers
from services.identity.commands import (
    AddMachineKey,
    AddOrganisation,
    ChangePassword,
    ResumeUser,
    RevokeMachineKey,
    SetMemberships,
    SuspendUser,
)
from services.identity.domain import ADMINISTRATORS, Membership, Organisation, RolePolicy
from services.identity.enrolment import Enrolment
from services.identity.schemas import (
    AddMachineKeySchema,
    AddOrganisationSchema,
    AddUserSchema,
    ChangePasswordSchema,
    MachineKeyAnswerSchema,
    MachineKeyListSchema,
    MeSchema,
    OrganisationListSchema,
    SetMembershipsSchema,
    TokenErrorSchema,
    TokenSchema,
    UserAnswerSchema,
    UserListSchema,
    UserSchema,
)
from services.identity.sign_in import SignIn
from services.identity.token_endpoint import FORM, TokenEndpoint
from services.identity.views import IdentityViews
from shared.kernel.ids import new_id
from shared.web.gateway import Gateway, etagged
from shared.web.openapi import IF_MATCH
from shared.web.paging import PageQuerySchema, PageRequest, paged
from shared.web.schemas import AnswerSchema, EmptySchema


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the routes call."""

    views: IdentityViews
    sign_in: SignIn
    tokens: TokenEndpoint
    enrolment: Enrolment
    policy: RolePolicy


def build_blueprints(web: Gateway, parts: Parts) -> list[Blueprint]:
    """Build all routes."""
    return [build_sign_in(web, parts), build_users(web, parts), build_machines(web, parts)]


def build_sign_in(web: Gateway, parts: Parts) -> Blueprint:
    """Build the token endpoint and what everybody may do for themself."""
    blueprint = Blueprint("sign-in", __name__, url_prefix="/v1", description="As whom one acts")

    @blueprint.post("/token")
    @blueprint.doc(requestBody=FORM)
    @blueprint.alt_response(400, schema=TokenErrorSchema)
    @blueprint.alt_response(401, schema=TokenErrorSchema)
    @blueprint.alt_response(429, schema=TokenErrorSchema)
    @blueprint.response(200, TokenSchema)
    def give_token() -> Response:
        """Give a token for a password or a machine's secret (OAuth 2.0, RFC 6749)."""
        return parts.tokens.answer(request)

    @blueprint.get("/me")
    @blueprint.response(200, MeSchema)
    def me() -> dict[str, Any]:
        """Say as whom, for whom and in which role one acts."""
        who = web.principal
        known = web.read("identity:me:read", who.actor_id, lambda: parts.views.person(who.actor_id)) or {}
        return {
            **known,
            "id": who.actor_id,
            "tenant": who.tenant_id,
            "organisation_id": who.organisation_id,
            "role": who.role,
            "scopes": sorted(who.scopes),
        }

    @blueprint.post("/me/password")
    @blueprint.arguments(ChangePasswordSchema)
    @blueprint.response(200, UserAnswerSchema)
    def change_password(body: Mapping[str, Any]) -> Response:
        """Change one's own password."""
        user_id = web.principal.actor_id
        login = str((parts.views.person(user_id) or {}).get("login", ""))
        hashed = parts.enrolment.password_hash(body["new_password"], login=login)
        parts.sign_in.check_password(user_id, body["old_password"], or_next=body["new_password"])
        command = ChangePassword(user_id=user_id, password_hash=hashed)
        return web.command(
            "identity:password:change",
            lambda work: handlers.change_password(command, work=work),
            object_id=user_id,
            aggregates=(user_id,),
        )

    return blueprint


def build_users(web: Gateway, parts: Parts) -> Blueprint:
    """Build the routes for organisations and people."""
    blueprint = Blueprint("users", __name__, url_prefix="/v1", description="Who may act")
    views, policy = parts.views, parts.policy

    @blueprint.get("/organisations")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, OrganisationListSchema)
    def read_organisations(query: Mapping[str, Any]) -> Response:
        """List the organisations for which people act here."""
        web.require(*ADMINISTRATORS)
        return paged(web.read("identity:organisation:list", "list", lambda: views.organisations(PageRequest.of(query))))

    @blueprint.post("/organisations")
    @blueprint.arguments(AddOrganisationSchema)
    @blueprint.response(201, AnswerSchema)
    def add_organisation(body: Mapping[str, Any]) -> Response:
        """Add an organisation for which people act here."""
        web.require(*ADMINISTRATORS)
        command = AddOrganisation(organisation=Organisation(id=new_id(), **body))
        return web.command(
            "identity:organisation:add",
            lambda work: handlers.add_organisation(command, work=work),
            object_id=lambda answer: str(answer.ids["id"]),
        )

    @blueprint.get("/users")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, UserListSchema)
    def read_users(query: Mapping[str, Any]) -> Response:
        """List users with their names, oldest change first."""
        web.require(*ADMINISTRATORS)
        return paged(web.read("identity:user:list", "list", lambda: views.users(PageRequest.of(query))))

    @blueprint.post("/users")
    @blueprint.arguments(AddUserSchema)
    @blueprint.response(201, UserAnswerSchema)
    def add_user(body: Mapping[str, Any]) -> Response:
        """Add a user."""
        who = web.require(*ADMINISTRATORS)
        organisation_id = body["organisation_id"] or who.organisation_id
        command = parts.enrolment.user(
            login=body["login"],
            display_name=body["display_name"],
            password=body["password"],
            memberships=[Membership(organisation_id=organisation_id, role=role) for role in body["roles"]],
        )
        return web.command(
            "identity:user:add",
            lambda work: handlers.add_user(command, work=work, policy=policy),
            object_id=lambda answer: str(answer.ids["id"]),
            aggregates=(command.login_index,),
            location=lambda answer: f"/v1/users/{answer.ids['id']}",
        )

    @blueprint.get("/users/<uuid:user_id>")
    @blueprint.response(200, UserSchema)
    def read_user(user_id: Any) -> Response:
        """Read a user; the ETag is the version."""
        web.require(*ADMINISTRATORS)
        row = web.read("identity:user:read", str(user_id), lambda: views.user(str(user_id)))
        return etagged(row, row["version"])

    @blueprint.put("/users/<uuid:user_id>/memberships")
    @blueprint.doc(parameters=[IF_MATCH])
    @blueprint.arguments(SetMembershipsSchema)
    @blueprint.response(200, UserAnswerSchema)
    def set_memberships(body: Mapping[str, Any], user_id: Any) -> Response:
        """Say in which roles a user acts from the next sign-in on."""
        who = web.require(*ADMINISTRATORS)
        command = SetMemberships(
            user_id=str(user_id),
            memberships=tuple(Membership(**membership) for membership in body["memberships"]),
            version=web.if_match(),
            actor_id=who.actor_id,
        )
        return web.command(
            "identity:user:memberships",
            lambda work: handlers.set_memberships(command, work=work, policy=policy),
            object_id=command.user_id,
            aggregates=(command.user_id,),
        )

    @blueprint.post("/users/<uuid:user_id>/suspend")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, UserAnswerSchema)
    def suspend(body: Mapping[str, Any], user_id: Any) -> Response:
        """Suspend a user, whatever the version; tokens that are out end within 15 minutes."""
        del body
        who = web.require(*ADMINISTRATORS)
        command = SuspendUser(user_id=str(user_id), actor_id=who.actor_id)
        return web.command(
            "identity:user:suspend",
            lambda work: handlers.suspend_user(command, work=work),
            object_id=command.user_id,
            aggregates=(command.user_id,),
        )

    @blueprint.post("/users/<uuid:user_id>/resume")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, UserAnswerSchema)
    def resume(body: Mapping[str, Any], user_id: Any) -> Response:
        """Let a suspended user act again."""
        del body
        web.require(*ADMINISTRATORS)
        command = ResumeUser(user_id=str(user_id))
        return web.command(
            "identity:user:resume",
            lambda work: handlers.resume_user(command, work=work),
            object_id=command.user_id,
            aggregates=(command.user_id,),
        )

    return blueprint


def build_machines(web: Gateway, parts: Parts) -> Blueprint:
    """Build the routes for machine keys."""
    blueprint = Blueprint("machine-keys", __name__, url_prefix="/v1", description="Which machines may act")

    @blueprint.get("/machine-keys")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, MachineKeyListSchema)
    def read_machines(query: Mapping[str, Any]) -> Response:
        """List machine keys; secrets are never shown again."""
        web.require(*ADMINISTRATORS)
        return paged(web.read("identity:machine-key:list", "list", lambda: parts.views.machines(PageRequest.of(query))))

    @blueprint.post("/machine-keys")
    @blueprint.arguments(AddMachineKeySchema)
    @blueprint.response(201, MachineKeyAnswerSchema)
    def add_machine(body: Mapping[str, Any]) -> Response:
        """Add a machine key; its secret is in this answer only, and not in a repeat of it."""
        who = web.require(*ADMINISTRATORS)
        secret = f"as_secret_{secrets.token_urlsafe(32)}"
        command = AddMachineKey(
            machine_id=new_id(),
            client_id=f"as_{secrets.token_hex(8)}",
            secret_index=parts.enrolment.names.secret_index(secret),
            scopes=tuple(body["scopes"]),
            organisation_id=who.organisation_id,
        )
        return web.command(
            "identity:machine-key:add",
            lambda work: handlers.add_machine_key(command, work=work),
            object_id=lambda answer: str(answer.ids["id"]),
            shown_once={"client_secret": secret},
        )

    @blueprint.post("/machine-keys/<uuid:machine_id>/revoke")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, AnswerSchema)
    def revoke(body: Mapping[str, Any], machine_id: Any) -> Response:
        """Revoke a machine key; tokens that are out end within 15 minutes."""
        del body
        web.require(*ADMINISTRATORS)
        command = RevokeMachineKey(machine_id=str(machine_id))
        return web.command(
            "identity:machine-key:revoke",
            lambda work: handlers.revoke_machine_key(command, work=work),
            object_id=command.machine_id,
            aggregates=(command.machine_id,),
        )

    return blueprint
