"""The pages of the team: how full each caseload is, who covers for whom, and giving people to another advocate.

Promise: the same rights, commands and audited reads as the API's; advocates' names come from identity under the
supervisor's own rights; nothing is done before every field fits. Shown by tests/integration/pages/test_team_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, request

from services.case.advocates import names_of_advocates
from services.case.approvals.views import ApprovalViews
from services.case.approvals.words import in_words as in_approval_words
from services.case.caseload.commands import EndCover, cover_people, end_cover, give_people
from services.case.caseload.errors import CoverDaysError, SameAdvocateError
from services.case.caseload.forms import TypedMove, typed_limit, typed_move
from services.case.caseload.limiting import StateLimit, state_limit
from services.case.caseload.making import covering, giving
from services.case.caseload.rules import MOST_AT_ONCE, MOST_LIMIT
from services.case.caseload.views import TeamViews
from services.case.caseload.words import HOW, gauge
from shared.kernel.errors import RuleViolationError
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/team"
SUPERVISOR = "SUPERVISOR"
_MOST_WAITING = 10
_NO_LIMIT = f"Give a whole number from 1 to {MOST_LIMIT}, or leave it empty for no limit."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("team", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(PATH)(built.team)
    blueprint.post(f"{PATH}/limit")(built.limit)
    blueprint.post(f"{PATH}/covers/<uuid:move_id>/end")(built.end)
    blueprint.get(f"{PATH}/<uuid:advocate_id>")(built.advocate)
    blueprint.post(f"{PATH}/<uuid:advocate_id>")(built.move)
    does = "How many people each advocate supports; give people to somebody else, or let somebody cover."
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=(SUPERVISOR,),
        home=PATH,
        begins=(),
        links=(Link(path=PATH, words="Team", part=Part.PEOPLE, daily=("SUPERVISOR",), does=does, roles=(SUPERVISOR,)),),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._web = web
        self._context = context
        self._views = TeamViews(context)
        self._approvals = ApprovalViews(context, self._views.survivors)

    def team(self) -> str:
        """Show each advocate's caseload, and who covers for whom."""
        self._web.require(SUPERVISOR)
        return self._team({})

    def limit(self) -> Any:
        """State how many people an advocate supports at most."""
        who = self._web.require(SUPERVISOR)
        people, is_number = typed_limit(request.form.get("people", ""))
        if not is_number:
            return ask_again(self._team({"people": _NO_LIMIT}))
        command = StateLimit(people=people, actor_id=who.actor_id)
        self._web.carry_out(command, lambda work: state_limit(command, work))
        return go_to(f"{PATH}?done=limit")

    def end(self, move_id: Any) -> Any:
        """End a cover before its last day."""
        who = self._web.require(SUPERVISOR)
        command = EndCover(move_id=str(move_id), actor_id=who.actor_id)
        try:
            self._web.carry_out(command, lambda work: end_cover(command, work))
        except RuleViolationError as error:
            return ask_again(self._team({"covers": str(error)}))
        return go_to(f"{PATH}?done=ended")

    def advocate(self, advocate_id: Any) -> str:
        """Show whom an advocate has, and ask who takes over."""
        self._web.require(SUPERVISOR)
        return self._advocate(str(advocate_id), TypedMove())

    def move(self, advocate_id: Any) -> Any:
        """Give people to another advocate, for good or for an absence."""
        who, from_id = self._web.require(SUPERVISOR), str(advocate_id)
        typed = typed_move(request.form)
        wrong = typed.wrong
        if not wrong:
            try:
                told = self._carried_out(who, from_id, typed)
            except CoverDaysError as error:
                wrong = {"first" if error.problems[0]["pointer"] == "#/first_on" else "last": str(error)}
            except (RuleViolationError, SameAdvocateError) as error:
                wrong = {"to": str(error)}
            else:
                more = "&more=1" if told["more"] else ""
                return go_to(f"{PATH}/{from_id}?moved={told['moved']}&left={told['left']}{more}")
        return ask_again(self._advocate(from_id, typed, wrong))

    def _carried_out(self, who: Principal, from_id: str, typed: TypedMove) -> dict[str, Any]:
        about: dict[str, Any] = {"from_id": from_id, "to_id": typed.to_id, "survivor_ids": typed.survivor_ids}
        if typed.first_on is None or typed.last_on is None:
            given = giving(self._views, who, **about)
            told = self._web.carry_out(given, lambda work: give_people(given, work))
        else:
            covered = covering(self._views, who, **about, first_on=typed.first_on, last_on=typed.last_on)
            told = self._web.carry_out(covered, lambda work: cover_people(covered, work))
        answered: dict[str, Any] = told.get_json()
        return answered

    def _team(self, wrong: dict[str, str]) -> str:
        team, names = self._web.read("case:caseload:read", "list", self._views.team), names_of_advocates()
        rows = [
            {
                **one,
                **gauge(one["supported"], team["limit"], one["fullness"]),
                "name": _named(names, one["advocate_id"]),
            }
            for one in team["items"]
        ]
        covers = [
            {
                **one,
                "by": _named(names, one["to_id"]),
                "instead_of": _named(names, one["from_id"]),
                "people": sum(each["result"] == "MOVED" for each in one["results"]),
            }
            for one in team["covers"]
        ]
        return render_template(
            "case/team.html",
            approvals=self._waiting(),
            team=rows,
            most=max((one["supported"] for one in rows), default=0),
            covers=covers,
            limit=team["limit"],
            at_least=team["at_least"],
            named=names is not None,
            today=self._views.today,
            wrong=wrong,
            done=request.args.get("done", "")[:20],
        )

    def _waiting(self) -> list[dict[str, Any]]:
        """Give what waits for an approval, the oldest first."""
        who = self._web.require(SUPERVISOR)
        rows = self._web.read("case:approval:list", "list", lambda: self._approvals.waiting(who, _MOST_WAITING))
        people = self._views.survivors.named({row["survivor_id"] for row in rows})
        names = {one["id"]: one["name"] or one["reference"] or "" for one in people}
        return [in_approval_words(row, names, self._context.clock.now()) for row in rows]

    def _advocate(self, advocate_id: str, typed: TypedMove, wrong: dict[str, str] | None = None) -> str:
        part = wanted_part(MOST_AT_ONCE)
        page = self._web.read("case:survivor:list", "list", lambda: self._views.people_of(advocate_id, part))
        names = names_of_advocates()
        return render_template(
            "case/team_advocate.html",
            name=_named(names, advocate_id),
            target=f"{PATH}/{advocate_id}",
            people=page.items,
            others=[(key, words) for key, words in sorted((names or {}).items(), key=_by_name) if key != advocate_id],
            named=names is not None,
            how=HOW,
            typed=typed,
            wrong=wrong or {},
            next=page.next,
            first=part.after is None,
            moved=_number("moved"),
            left=_number("left"),
            more=request.args.get("more") == "1",
        )


def _named(names: dict[str, str] | None, advocate_id: str) -> str:
    known = (names or {}).get(advocate_id)
    return known or f"Advocate {advocate_id[-4:]}"


def _by_name(named: tuple[str, str]) -> str:
    return named[1].casefold()


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_AT_ONCE))):
        abort(400)
    return int(text)
