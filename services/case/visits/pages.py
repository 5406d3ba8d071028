"""The pages of visits: plan one, say on a telephone with one press that one is safe, and look after alarms.

Promise: the same rights, commands and audited reads as the API's; where somebody goes stands on a page of its own.
Shown by tests/integration/pages/test_visit_pages.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, request

from services.case.rights.words import choices
from services.case.support.admission import CASEWORK, Admission
from services.case.support.admission import PATH as PEOPLE
from services.case.survivors.sealing import Sealer
from services.case.visits.commands import (
    AskForHelp,
    CloseAlarm,
    EndVisit,
    OnVisit,
    PlanVisit,
    SaySafe,
    StayLonger,
    TakeAlarm,
    ask_for_help,
    close_alarm,
    end_visit,
    plan_visit,
    say_safe,
    stay_longer,
    take_alarm,
)
from services.case.visits.forms import FIELDS, TypedVisit
from services.case.visits.rules import EXTENSIONS, SUPERVISOR, WATCHERS
from services.case.visits.views import VisitViews
from services.case.visits.words import in_words, names_for
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, NotTheirsError, RuleViolationError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

OWN, ALARMS = "/visits", "/visit-alarms"
MOST = 50
By = Callable[..., Answer]


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("visit_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(f"{PEOPLE}/<uuid:survivor_id>/visit")(built.ask)
    blueprint.post(f"{PEOPLE}/<uuid:survivor_id>/visit")(built.plan)
    blueprint.get(OWN)(built.own)
    blueprint.post(f"{OWN}/<uuid:visit_id>/<verb>")(built.say)
    blueprint.get(ALARMS)(built.alarms)
    blueprint.get(f"{ALARMS}/<uuid:visit_id>")(built.where)
    blueprint.post(f"{ALARMS}/<uuid:visit_id>/<verb>")(built.answer)
    return PageSet(
        blueprint=blueprint,
        prefixes=(OWN, ALARMS),
        roles=tuple(dict.fromkeys((*CASEWORK, *WATCHERS))),
        home=OWN,
        begins=(),
        links=(
            Link(
                path=OWN,
                words="My visits",
                part=Part.PEOPLE,
                daily=("IMSA",),
                does="Say on your way that you are safe.",
                roles=CASEWORK,
            ),
            Link(
                path=ALARMS,
                words="Visit alarms",
                part=Part.PEOPLE,
                daily=("SUPERVISOR", "SAFEGUARDING_LEAD"),
                does="Who went out alone and has not said that they are safe.",
                roles=WATCHERS,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._views = VisitViews(context)

    def ask(self, survivor_id: Any) -> str:
        """Ask where somebody goes."""
        _, key = self._admission.about(survivor_id, PlanVisit.action)
        return self._form(key, TypedVisit.at(self._context.clock.now()), {})

    def plan(self, survivor_id: Any) -> Any:
        """Plan a visit."""
        who, key = self._admission.about(survivor_id, PlanVisit.action)
        typed = TypedVisit.of(request.form)
        said, wrong = typed.read()
        if not wrong:
            command = PlanVisit(visit_id=new_id(), survivor_id=key, actor_id=who.actor_id, **said)
            sealer = Sealer.of_known(self._context, [key])
            try:
                self._admission.carry_out(who, key, command, lambda work: plan_visit(command, work, sealer=sealer))
            except InvalidInputError as error:
                wrong = {FIELDS[error.problems[0]["pointer"].removeprefix("#/")]: str(error)}
            except RuleViolationError as error:
                wrong = {"place": str(error)}
        return ask_again(self._form(key, typed, wrong)) if wrong else go_to(f"{OWN}?done=planned")

    def own(self) -> str:
        """Show where somebody is on their way."""
        return self._own(self._web.require(*CASEWORK))

    def say(self, visit_id: Any, verb: str) -> Any:
        """Say one thing, with one press."""
        who = self._web.require(*CASEWORK)
        command, by = self._said(verb, {"visit_id": str(visit_id), "actor_id": who.actor_id})
        fault = self._tried(command, by)
        return ask_again(self._own(who, fault)) if fault else go_to(f"{OWN}?done={verb}")

    def alarms(self) -> str:
        """Show which alarms have come to somebody, and to a supervisor who is out."""
        return self._alarms(self._web.require(*WATCHERS))

    def where(self, visit_id: Any) -> str:
        """Show a supervisor where somebody went of whom an alarm stands."""
        who, key = self._web.require(SUPERVISOR), str(visit_id)
        if not self._views.may_read(self._views.visit(key), who):
            self._web.refuse(key, action="case:visit:read")
        row = self._web.read("case:visit:read", key, lambda: self._views.whole(key))
        return render_template("case/visit_where.html", one=in_words(row, names_for(who)), alarms=ALARMS)

    def answer(self, visit_id: Any, verb: str) -> Any:
        """Look after an alarm, or close it."""
        who, key = self._web.require(*WATCHERS), str(visit_id)
        about: dict[str, Any] = {"visit_id": key, "actor_id": who.actor_id, "role": who.role}
        found = request.form.get("found", "")[:80]
        if verb == "close" and not get("visit_found").has(found):
            return ask_again(self._alarms(who, "Choose what was found. The alarm still stands."))
        if verb not in ("take", "close"):
            abort(404)
        command, by = (
            (TakeAlarm(**about), take_alarm) if verb == "take" else (CloseAlarm(**about, found=found), close_alarm)
        )
        fault = self._tried(command, by)
        return ask_again(self._alarms(who, fault)) if fault else go_to(f"{ALARMS}?done={verb}")

    def _said(self, verb: str, about: dict[str, str]) -> tuple[OnVisit, By]:
        minutes = request.form.get("minutes", "")[:4]
        if verb == "longer" and minutes in {str(one) for one in EXTENSIONS}:
            return StayLonger(**about, minutes=int(minutes)), stay_longer
        plain: dict[str, tuple[type[OnVisit], By]] = {
            "safe": (SaySafe, say_safe), "help": (AskForHelp, ask_for_help), "end": (EndVisit, end_visit),
        }  # fmt: skip
        if verb not in plain:
            abort(404)
        make, by = plain[verb]
        return make(**about), by

    def _tried(self, command: OnVisit, by: By) -> str | None:
        """Carry a command out; give what is to be mended."""
        try:
            self._web.carry_out(command, lambda work: by(command, work))
        except NotTheirsError:
            self._web.refuse(command.visit_id, action=command.action)
        except (RuleViolationError, InvalidInputError) as error:
            return str(error)
        return None

    def _form(self, key: str, typed: TypedVisit, wrong: dict[str, str]) -> str:
        person = self._web.read("case:survivor:read", key, lambda: self._admission.survivors.survivor(key))
        return render_template(
            "case/visit_new.html",
            person=person,
            base=f"{PEOPLE}/{key}",
            typed=typed,
            wrong=wrong,
            told=choices("visit_told"),
        )

    def _own(self, who: Principal, fault: str | None = None) -> str:
        rows = self._web.read("case:visit:list", "list", lambda: self._views.own(who, MOST))
        return render_template(
            "case/visits.html",
            rows=[in_words(row, {}) for row in rows],
            extensions=EXTENSIONS,
            fault=fault,
            done=request.args.get("done", "")[:20],
        )

    def _alarms(self, who: Principal, fault: str | None = None) -> str:
        part = wanted_part()
        page = self._web.read("case:visit:list-alarms", "list", lambda: self._views.alarms(part, who))
        names = names_for(who)
        out = self._web.read("case:visit:list", "list", lambda: self._views.out(MOST)) if who.role == SUPERVISOR else []
        return render_template(
            "case/visit_alarms.html",
            rows=[in_words(row, names) for row in page.items],
            out=[in_words(row, names) for row in out if row["alarm"] is None],
            watches=who.role == SUPERVISOR,
            me=who.actor_id,
            found=choices("visit_found"),
            next=page.next,
            first=part.after is None,
            fault=fault,
            done=request.args.get("done", "")[:20],
        )
