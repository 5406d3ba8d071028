"""The administrators' pages: who may act, invitations, roles, new links, confirmations and ends.

Promise: the same rights, commands and audited reads as the API's; a link or a code is shown in one answer and never
again, and loading that answer again changes nothing. Shown by tests/integration/identity/test_people_pages.py.
"""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request

from services.identity.administering.forms import LONGEST_NAME, REFUSALS, Invitation, boxes, memberships_typed, said
from services.identity.administering.page_views import AdministrationViews, guarded
from services.identity.people.assembly import enrolment_of, policy_of
from services.identity.people.commands import (
    OfUser,
    ResumeUser,
    SetMemberships,
    SuspendUser,
    invite_user,
    resume_user,
    set_memberships,
    suspend_user,
)
from services.identity.people.enrolling import Confirm, MakeLink, confirm, make_link
from services.identity.people.rules import Administrator
from services.identity.sessions.ending import EndSessions, end_sessions
from shared.kernel.clock import real_now
from shared.outbox.commands import Answer
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.lists import wanted_part
from shared.web.pages.session import is_loopback
from shared.web.pages.site import Link, PageSet, Part, go_to
from shared.web.pages.words import DUTIES

PATH = "/people"
_CONFLICT = HTTPStatus.CONFLICT


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    policy = policy_of(context)
    built = _Pages(context, web)
    here = Path(__file__).parent
    blueprint = Blueprint("people", __name__, url_prefix=PATH, template_folder=str(here / "templates"))
    for rule, view in (("", built.people), ("/invite", built.ask_whom), ("/<uuid:user_id>", built.person)):
        blueprint.get(rule)(view)
    for rule, view in (
        ("/invite", built.invite),
        ("/<uuid:user_id>/roles", built.give_roles),
        ("/<uuid:user_id>/link", built.another_link),
        ("/<uuid:user_id>/confirm", built.confirm),
        ("/<uuid:user_id>/end-sessions", built.end_sessions),
        ("/<uuid:user_id>/suspend", built.suspend),
        ("/<uuid:user_id>/resume", built.resume),
    ):
        blueprint.post(rule)(view)
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=(policy.administrator,),
        home=PATH,
        links=(
            Link(
                path=PATH,
                words="People",
                part=Part.HOST,
                daily=("HOST_ADMIN",),
                does="Invite people, give and take roles, end sessions.",
                roles=(policy.administrator,),
            ),
        ),
    )


class _Pages:
    """The views; each first sees that the caller still administers."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._web = web
        self._policy = policy_of(context)
        self._enrolment = enrolment_of(context)
        self._views = AdministrationViews(context)

    def people(self) -> str:
        """List the people of the organisation."""
        self._administrator()
        part, who = wanted_part(), self._web.principal
        shown = self._web.read("identity:user:list", "list", lambda: self._views.people(part, who))
        return render_template("identity/people.html", **shown, first=part.after is None)

    def ask_whom(self) -> str:
        """Ask whom to invite."""
        self._administrator()
        return self._invite_page(Invitation())

    def invite(self) -> Any:
        """Invite somebody, and show the link once."""
        by, typed, link = self._administrator(), Invitation.of(request.form), self._enrolment.draw_link()
        if len(typed.name) > LONGEST_NAME:
            sentence = f"Shorten the name to {LONGEST_NAME} characters."
            return _page(self._invite_page(typed, error=(sentence, "name")), HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            command = self._enrolment.invitation(
                login=typed.login,
                display_name=typed.name or None,
                memberships=typed.memberships(by.organisation_id),
                link=link,
                by=by,
            )
            answer = self._web.carry_out(
                command,
                lambda work: invite_user(command, work, policy=self._policy),
                shown_once=lambda _answer: {"link": link.path},
            )
        except REFUSALS as error:
            return _page(self._invite_page(typed, error=said(error)), _CONFLICT)
        return self._hand_over(answer)

    def person(self, user_id: object) -> str:
        """Show one person, and what may be done."""
        self._administrator()
        return self._person_page(str(user_id))

    def give_roles(self, user_id: object) -> Any:
        """Say in which roles somebody acts."""
        by, link = self._administrator(), self._enrolment.draw_link()
        command = SetMemberships(
            user_id=str(user_id),
            memberships=memberships_typed(request.form),
            version=_version(),
            link=link.kept,
            by=by,
        )
        return self._act(
            command,
            partial(set_memberships, command),
            done="roles",
            shown_once=lambda answer: {"link": link.path} if answer.ids.get("link") else {},
        )

    def another_link(self, user_id: object) -> Any:
        """Give somebody a new link, such as for a forgotten password."""
        by, link = self._administrator(), self._enrolment.draw_link()
        command = MakeLink(user_id=str(user_id), link=link.kept, by=by)
        return self._act(command, partial(make_link, command), shown_once=lambda _answer: {"link": link.path})

    def confirm(self, user_id: object) -> Any:
        """Confirm what another administrator asked for, and show the code once if there is one."""
        by, code = self._administrator(), self._enrolment.draw_code()
        index = self._enrolment.code_index(code)
        command = Confirm(user_id=str(user_id), version=_version(), code_index=index, by=by)
        return self._act(
            command,
            partial(confirm, command),
            done="confirmed",
            shown_once=lambda answer: {"secret": code} if answer.ids.get("code") else {},
        )

    def end_sessions(self, user_id: object) -> Any:
        """Let somebody sign in again everywhere."""
        command = EndSessions(user_id=str(user_id), at=real_now(), by=self._administrator())
        return self._act(command, partial(end_sessions, command), done="ended")

    def suspend(self, user_id: object) -> Any:
        """Let somebody act no more."""
        command = SuspendUser(user_id=str(user_id), by=self._administrator())
        return self._act(command, partial(suspend_user, command), done="suspended")

    def resume(self, user_id: object) -> Any:
        """Let somebody act again."""
        command = ResumeUser(user_id=str(user_id), by=self._administrator())
        return self._act(command, partial(resume_user, command), done="resumed")

    def _administrator(self) -> Administrator:
        who = self._web.admit(self._policy.administrator)
        if not self._views.administers(who):
            self._web.refuse()
        return Administrator.of(self._web.principal)

    def _act(
        self,
        command: OfUser,
        run: Callable[..., Answer],
        *,
        done: str = "",
        shown_once: Callable[[Answer], Mapping[str, str]] | None = None,
    ) -> Any:
        try:
            answer = self._web.carry_out(command, lambda work: run(work, policy=self._policy), shown_once=shown_once)
        except REFUSALS as error:
            return _page(self._person_page(command.user_id, error=said(error)), _CONFLICT)
        if answer.get_json().keys() & {"link", "code"}:
            return self._hand_over(answer)
        return go_to(f"{PATH}/{command.user_id}?done={done}")

    def _hand_over(self, answer: Response) -> Response:
        """Show a link or a code; a repeat of the request, which has neither any more, says so."""
        told = answer.get_json()
        person = self._read_person(told["id"])
        secret, link = told.get("secret"), str(told.get("link", ""))
        scheme = "http" if is_loopback(request) else "https"
        shown = render_template(
            "identity/handed_over.html",
            person=person,
            code=secret,
            link=f"{scheme}://{request.host}{link}" if link.startswith("/") else None,
            waits=told.get("confirmation") is not None or (person["waits"] or {}).get("for_second"),
        )
        return _page(shown, HTTPStatus.OK)

    def _read_person(self, user_id: str) -> dict[str, Any]:
        who = self._web.principal
        return self._web.read("identity:user:read", user_id, lambda: self._views.person(user_id, who))

    def _person_page(self, user_id: str, *, error: tuple[str, str] | None = None) -> str:
        person, own = self._read_person(user_id), self._web.principal.organisation_id
        return render_template(
            "identity/person.html",
            person=person,
            boxes=boxes(person, own=own, offered=self._views.offered, name_of=self._views.name_of),
            guarded=guarded,
            error=error,
            done=request.args.get("done"),
        )

    def _invite_page(self, typed: Invitation, *, error: tuple[str, str] | None = None) -> str:
        return render_template(
            "identity/invite.html",
            typed=typed,
            offered=self._views.offered,
            organisations=self._views.organisations(self._web.principal),
            guarded=guarded,
            duties=DUTIES,
            error=error,
        )


def _version() -> int:
    """Give the version that the form was made of; a form without one is of none."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else 0  # noqa: PLR2004  As the API's.


def _page(shown: str, status: HTTPStatus) -> Response:
    return Response(shown, status=status, mimetype="text/html")
