"""Identity's HTTP routes for people and organisations, which administrators call."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from services.identity import administration, handlers
from services.identity.api import Parts, administrator_of
from services.identity.commands import AddOrganisation, Confirm, MakeLink, ResumeUser, SetMemberships, SuspendUser
from services.identity.domain import Membership, Organisation
from services.identity.enrolment import DrawnLink
from services.identity.schemas import (
    AddOrganisationSchema,
    AddUserSchema,
    ConfirmedSchema,
    LinkAnswerSchema,
    OrganisationListSchema,
    SetMembershipsSchema,
    UserAnswerSchema,
    UserListSchema,
    UserSchema,
)
from shared.kernel.ids import new_id
from shared.outbox.committer import Answer
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway, etagged
from shared.web.openapi import IF_MATCH
from shared.web.paging import PageQuerySchema, PageRequest, paged
from shared.web.schemas import AnswerSchema, EmptySchema


def build_organisations(web: Gateway, parts: Parts) -> Blueprint:
    """Build the routes for organisations."""
    blueprint = Blueprint("organisations", __name__, url_prefix="/v1", description="For whom people act")
    views, policy = parts.views, parts.policy

    @blueprint.get("/organisations")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, OrganisationListSchema)
    def read_organisations(query: Mapping[str, Any]) -> Response:
        """List the organisations for which people act here."""
        who = administrator_of(web, parts)
        wanted = PageRequest.of(query)
        return paged(web.read("identity:organisation:list", "list", lambda: views.organisations(wanted, who)))

    @blueprint.post("/organisations")
    @blueprint.arguments(AddOrganisationSchema)
    @blueprint.response(201, AnswerSchema)
    def add_organisation(body: Mapping[str, Any]) -> Response:
        """Add an organisation for which people act here."""
        command = AddOrganisation(organisation=Organisation(id=new_id(), **body), by=administrator_of(web, parts))
        return web.command(
            "identity:organisation:add",
            lambda work: handlers.add_organisation(command, work=work, policy=policy),
            object_id=lambda answer: str(answer.ids["id"]),
        )

    return blueprint


def build_people(web: Gateway, parts: Parts) -> Blueprint:
    """Build the routes for people."""
    blueprint = Blueprint("users", __name__, url_prefix="/v1", description="Who may act")
    views, policy = parts.views, parts.policy

    @blueprint.get("/users")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, UserListSchema)
    def read_users(query: Mapping[str, Any]) -> Response:
        """List the people of one's organisation with their names, oldest change first."""
        who = administrator_of(web, parts)
        return paged(web.read("identity:user:list", "list", lambda: views.users(PageRequest.of(query), who)))

    @blueprint.post("/users")
    @blueprint.arguments(AddUserSchema)
    @blueprint.response(201, LinkAnswerSchema)
    def add_user(body: Mapping[str, Any]) -> Response:
        """Invite a person: the answer holds the link with which they set a password that nobody else knows.

        A role that guards others (statistician, release approver, data guardian, data lead, administrator) waits for a
        second administrator: see confirm.
        """
        who, link = administrator_of(web, parts), parts.enrolment.draw_link()
        organisation_id = body["organisation_id"] or who.organisation_id
        command = parts.enrolment.invitation(
            login=body["login"],
            display_name=body["display_name"],
            memberships=[Membership(organisation_id=organisation_id, role=role) for role in body["roles"]],
            link=link,
            by=who,
        )
        return web.command(
            "identity:user:add",
            lambda work: administration.invite_user(command, work=work, policy=policy),
            object_id=lambda answer: str(answer.ids["id"]),
            aggregates=(command.login_index,),
            location=lambda answer: f"/v1/users/{answer.ids['id']}",
            shown_once={"enrolment_path": link.path},
        )

    @blueprint.get("/users/<uuid:user_id>")
    @blueprint.response(200, UserSchema)
    def read_user(user_id: Any) -> Response:
        """Read a person; the ETag is the version."""
        who = administrator_of(web, parts)
        row = web.read("identity:user:read", str(user_id), lambda: views.user(str(user_id), who))
        return etagged(row, row["version"])

    @blueprint.put("/users/<uuid:user_id>/memberships")
    @blueprint.doc(parameters=[IF_MATCH])
    @blueprint.arguments(SetMembershipsSchema)
    @blueprint.response(200, LinkAnswerSchema)
    def set_memberships(body: Mapping[str, Any], user_id: Any) -> Response:
        """Say in which roles a person acts from the next sign-in on; what guards others waits for confirm."""
        who, link = administrator_of(web, parts), parts.enrolment.draw_link()
        command = SetMemberships(
            user_id=str(user_id),
            memberships=tuple(dict.fromkeys(Membership(**membership) for membership in body["memberships"])),
            version=web.if_match(),
            link=link.kept,
            by=who,
        )
        return web.command(
            "identity:user:memberships",
            lambda work: administration.set_memberships(command, work=work, policy=policy),
            object_id=command.user_id,
            aggregates=(command.user_id,),
            shown_once=_link_if_made(link),
        )

    @blueprint.post("/users/<uuid:user_id>/enrolment-link")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(201, LinkAnswerSchema)
    def make_link(body: Mapping[str, Any], user_id: Any) -> Response:
        """Give a person a new link, such as for a forgotten password; the present one stays until it is used."""
        del body
        who, link = administrator_of(web, parts), parts.enrolment.draw_link()
        command = MakeLink(user_id=str(user_id), link=link.kept, by=who)
        return web.command(
            "identity:user:link",
            lambda work: administration.make_link(command, work=work, policy=policy),
            object_id=command.user_id,
            aggregates=(command.user_id,),
            shown_once=_link_if_made(link),
        )

    @blueprint.post("/users/<uuid:user_id>/confirm")
    @blueprint.doc(parameters=[IF_MATCH])
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, ConfirmedSchema)
    def confirm(body: Mapping[str, Any], user_id: Any) -> Response:
        """Confirm what another administrator asked for; the answer may hold a code that goes with their link."""
        del body
        who, code = administrator_of(web, parts), parts.enrolment.draw_code()
        command = Confirm(
            user_id=str(user_id), version=web.if_match(), code_index=parts.enrolment.code_index(code), by=who
        )
        return web.command(
            "identity:user:confirm",
            lambda work: administration.confirm(command, work=work, policy=policy),
            object_id=command.user_id,
            aggregates=(command.user_id,),
            shown_once=lambda answer: {"confirmation_code": code} if answer.ids.get("code") else {},
        )

    @blueprint.post("/users/<uuid:user_id>/suspend")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, UserAnswerSchema)
    def suspend(body: Mapping[str, Any], user_id: Any) -> Response:
        """Suspend a person, whatever the version; tokens that are out end within 15 minutes."""
        del body
        command = SuspendUser(user_id=str(user_id), by=administrator_of(web, parts))
        return web.command(
            "identity:user:suspend",
            lambda work: administration.suspend_user(command, work=work, policy=policy),
            object_id=command.user_id,
            aggregates=(command.user_id,),
        )

    @blueprint.post("/users/<uuid:user_id>/resume")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, UserAnswerSchema)
    def resume(body: Mapping[str, Any], user_id: Any) -> Response:
        """Let a suspended person act again."""
        del body
        command = ResumeUser(user_id=str(user_id), by=administrator_of(web, parts))
        return web.command(
            "identity:user:resume",
            lambda work: administration.resume_user(command, work=work, policy=policy),
            object_id=command.user_id,
            aggregates=(command.user_id,),
        )

    return blueprint


def _link_if_made(link: DrawnLink) -> Callable[[Answer], Mapping[str, str]]:
    return lambda answer: {"enrolment_path": link.path} if answer.ids.get("link") else {}
