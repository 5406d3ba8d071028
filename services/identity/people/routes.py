"""People's HTTP routes: those that administrators call, and the one with which a person sets a password."""

from collections.abc import Callable, Mapping
from typing import Any

from services.identity.people.assembly import enrolment_of, policy_of, self_service_of, views_of
from services.identity.people.commands import (
    ResumeUser,
    SetMemberships,
    SuspendUser,
    invite_user,
    resume_user,
    set_memberships,
    suspend_user,
)
from services.identity.people.enrolling import Confirm, MakeLink, confirm, make_link
from services.identity.people.enrolment import DrawnLink
from services.identity.people.rules import Administrator, Membership
from services.identity.people.schemas import (
    AddUserSchema,
    ColleagueListSchema,
    ConfirmedSchema,
    EnrolSchema,
    LinkAnswerSchema,
    SetMembershipsSchema,
    UserAnswerSchema,
    UserListSchema,
    UserSchema,
)
from services.identity.sessions.ending import EndSessions, end_sessions
from shared.kernel.clock import real_now
from shared.outbox.commands import Answer
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Told
from shared.web.schemas import EmptySchema

_ADD = """Invite a person: the answer holds the link with which they set a password that nobody else knows.

A role that guards others (statistician, release approver, data guardian, data lead, administrator) waits for a
second administrator: see confirm.
"""


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give people's routes."""
    views, policy, enrolment = views_of(context), policy_of(context), enrolment_of(context)
    self_service = self_service_of(context)
    administers: dict[str, Any] = {"roles": (policy.administrator,), "also": views.administers}
    decides: dict[str, Any] = {**administers, "needs": lambda _command: {"policy": policy}}

    def invitation(asked: Asked) -> Told:
        by, link = Administrator.of(asked.who), enrolment.draw_link()
        organisation_id = asked.body["organisation_id"] or by.organisation_id
        command = enrolment.invitation(
            login=asked.body["login"],
            display_name=asked.body["display_name"],
            memberships=[Membership(organisation_id=organisation_id, role=role) for role in asked.body["roles"]],
            link=link,
            by=by,
        )
        return Told(command=command, shown_once=lambda _answer: {"enrolment_path": link.path})

    def memberships(asked: Asked) -> Told:
        link = enrolment.draw_link()
        command = SetMemberships(
            user_id=asked.path["user_id"],
            memberships=tuple(dict.fromkeys(Membership(**one) for one in asked.body["memberships"])),
            version=asked.version,
            link=link.kept,
            by=Administrator.of(asked.who),
        )
        return Told(command=command, shown_once=_link_if_made(link))

    def another_link(asked: Asked) -> Told:
        link = enrolment.draw_link()
        command = MakeLink(user_id=asked.path["user_id"], link=link.kept, by=Administrator.of(asked.who))
        return Told(command=command, shown_once=_link_if_made(link))

    def confirmation(asked: Asked) -> Told:
        code = enrolment.draw_code()
        command = Confirm(
            user_id=asked.path["user_id"],
            version=asked.version,
            code_index=enrolment.code_index(code),
            by=Administrator.of(asked.who),
        )
        return Told(
            command=command,
            shown_once=lambda answer: {"confirmation_code": code} if answer.ids.get("code") else {},
        )

    def enrolled(asked: Asked, _web: Any) -> dict[str, Any]:
        body = asked.body
        return self_service.enrol(link=body["link"], code=body["code"], password=body["password"]).ids

    users = [
        Route(
            method="GET",
            path="/v1/users",
            says="List the people of one's organisation with their names, oldest change first.",
            **administers,
            query=PageQuerySchema,
            gives=UserListSchema,
            view=lambda asked: views.users(PageRequest.of(asked.query), asked.who),
            action="identity:user:list",
        ),
        Route(
            method="POST",
            path="/v1/users",
            says=_ADD,
            **decides,
            body=AddUserSchema,
            gives=LinkAnswerSchema,
            status=201,
            command=invitation,
            by=invite_user,
            location="/v1/users/{id}",
        ),
        Route(
            method="GET",
            path="/v1/users/<uuid:user_id>",
            says="Read a person; the ETag is the version.",
            **administers,
            gives=UserSchema,
            view=lambda asked: views.user(asked.path["user_id"], asked.who),
            action="identity:user:read",
        ),
        Route(
            method="PUT",
            path="/v1/users/<uuid:user_id>/memberships",
            says="Say in which roles a person acts from the next sign-in on; what guards others waits for confirm.",
            **decides,
            body=SetMembershipsSchema,
            gives=LinkAnswerSchema,
            if_match=True,
            command=memberships,
            by=set_memberships,
        ),
        Route(
            method="POST",
            path="/v1/users/<uuid:user_id>/enrolment-link",
            says="Give a person a new link, such as for a forgotten password; the present one stays until it is used.",
            **decides,
            body=EmptySchema,
            gives=LinkAnswerSchema,
            status=201,
            command=another_link,
            by=make_link,
        ),
        Route(
            method="POST",
            path="/v1/users/<uuid:user_id>/confirm",
            says="Confirm what another administrator asked for; the answer may hold a code that goes with their link.",
            **decides,
            body=EmptySchema,
            gives=ConfirmedSchema,
            if_match=True,
            command=confirmation,
            by=confirm,
        ),
        Route(
            method="POST",
            path="/v1/users/<uuid:user_id>/end-sessions",
            says="Let a person sign in again wherever they are signed in; tokens that are out end within 15 minutes.",
            **decides,
            body=EmptySchema,
            gives=UserAnswerSchema,
            command=lambda asked: EndSessions(
                user_id=asked.path["user_id"], at=real_now(), by=Administrator.of(asked.who)
            ),
            by=end_sessions,
        ),
        Route(
            method="POST",
            path="/v1/users/<uuid:user_id>/suspend",
            says="Suspend a person, whatever the version; tokens that are out end within 15 minutes.",
            **decides,
            body=EmptySchema,
            gives=UserAnswerSchema,
            command=lambda asked: SuspendUser(user_id=asked.path["user_id"], by=Administrator.of(asked.who)),
            by=suspend_user,
        ),
        Route(
            method="POST",
            path="/v1/users/<uuid:user_id>/resume",
            says="Let a suspended person act again.",
            **decides,
            body=EmptySchema,
            gives=UserAnswerSchema,
            command=lambda asked: ResumeUser(user_id=asked.path["user_id"], by=Administrator.of(asked.who)),
            by=resume_user,
        ),
    ]
    advocates = Route(
        method="GET",
        path="/v1/advocates",
        says="List the active advocates by name, for whoever assigns survivors to them or looks after their alarms.",
        roles=("SUPERVISOR", "SAFEGUARDING_LEAD"),
        query=PageQuerySchema,
        gives=ColleagueListSchema,
        view=lambda asked: views.advocates(PageRequest.of(asked.query)),
        action="identity:advocate:list",
    )
    own = Route(
        method="POST",
        path="/v1/enrolments",
        says="Set one's password with an enrolment link, which is used up by it; needs no token.",
        open=True,
        body=EnrolSchema,
        gives=UserAnswerSchema,
        answered_by=enrolled,
    )
    return [
        RouteGroup(name="sign-in", about="As whom one acts", routes=[own]),
        RouteGroup(name="users", about="Who may act", routes=[*users, advocates]),
    ]


def _link_if_made(link: DrawnLink) -> Callable[[Answer], Mapping[str, str]]:
    return lambda answer: {"enrolment_path": link.path} if answer.ids.get("link") else {}
