"""Identity's HTTP routes for sign-in and machines: parse, call, answer. Those for people stand in ``people_api``."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from services.identity import handlers
from services.identity.commands import AddMachineKey, ChangePassword, RevokeMachineKey
from services.identity.domain import Administrator, RolePolicy
from services.identity.enrolment import Enrolment
from services.identity.schemas import (
    AddMachineKeySchema,
    ChangePasswordSchema,
    EnrolSchema,
    MachineKeyAnswerSchema,
    MachineKeyListSchema,
    MeSchema,
    TokenErrorSchema,
    TokenSchema,
    UserAnswerSchema,
)
from services.identity.self_service import SelfService
from services.identity.sign_in import SignIn
from services.identity.token_endpoint import FORM, TokenEndpoint
from services.identity.views import IdentityViews
from shared.kernel.ids import new_id
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway
from shared.web.paging import PageQuerySchema, PageRequest, paged
from shared.web.schemas import AnswerSchema, EmptySchema


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the routes call."""

    views: IdentityViews
    sign_in: SignIn
    tokens: TokenEndpoint
    enrolment: Enrolment
    self_service: SelfService
    policy: RolePolicy


def administrator_of(web: Gateway, parts: Parts) -> Administrator:
    """Give who asks, if they administer here now; anybody else gets the 404 of an unknown address.

    Raises:
        HiddenError: They do not; audited as refused.
    """
    who = web.require(parts.policy.administrator)
    administrator = Administrator(actor_id=who.actor_id, organisation_id=who.organisation_id)
    if not parts.views.administers(administrator):
        web.refuse()
    return administrator


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

    @blueprint.post("/enrolments")
    @blueprint.arguments(EnrolSchema)
    @blueprint.response(200, UserAnswerSchema)
    def enrol(body: Mapping[str, Any]) -> dict[str, Any]:
        """Set one's password with an enrolment link, which is used up by it; needs no token."""
        answer = parts.self_service.enrol(link=body["link"], code=body["code"], password=body["password"])
        return answer.ids

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


def build_machines(web: Gateway, parts: Parts) -> Blueprint:
    """Build the routes for machine keys."""
    blueprint = Blueprint("machine-keys", __name__, url_prefix="/v1", description="Which machines may act")

    @blueprint.get("/machine-keys")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, MachineKeyListSchema)
    def read_machines(query: Mapping[str, Any]) -> Response:
        """List machine keys; secrets are never shown again."""
        who = administrator_of(web, parts)
        shown = web.read("identity:machine-key:list", "list", lambda: parts.views.machines(PageRequest.of(query), who))
        return paged(shown)

    @blueprint.post("/machine-keys")
    @blueprint.arguments(AddMachineKeySchema)
    @blueprint.response(201, MachineKeyAnswerSchema)
    def add_machine(body: Mapping[str, Any]) -> Response:
        """Add a machine key; its secret is in this answer only, and not in a repeat of it."""
        who = administrator_of(web, parts)
        secret = f"as_secret_{secrets.token_urlsafe(32)}"
        command = AddMachineKey(
            machine_id=new_id(),
            client_id=f"as_{secrets.token_hex(8)}",
            secret_index=parts.enrolment.names.secret_index(secret),
            scopes=tuple(body["scopes"]),
            organisation_id=who.organisation_id,
            by=who,
        )
        return web.command(
            "identity:machine-key:add",
            lambda work: handlers.add_machine_key(command, work=work, policy=parts.policy),
            object_id=lambda answer: str(answer.ids["id"]),
            shown_once={"client_secret": secret},
        )

    @blueprint.post("/machine-keys/<uuid:machine_id>/revoke")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, AnswerSchema)
    def revoke(body: Mapping[str, Any], machine_id: Any) -> Response:
        """Revoke a machine key; tokens that are out end within 15 minutes."""
        del body
        command = RevokeMachineKey(machine_id=str(machine_id), by=administrator_of(web, parts))
        return web.command(
            "identity:machine-key:revoke",
            lambda work: handlers.revoke_machine_key(command, work=work, policy=parts.policy),
            object_id=command.machine_id,
            aggregates=(command.machine_id,),
        )

    return blueprint
