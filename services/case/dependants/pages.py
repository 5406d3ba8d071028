"""The page that asks whether children depend on somebody: what to think of, a code and a day, and no field for words.

Promise: the same rights, command and audited reads as the API's. Shown by
tests/integration/pages/test_dependant_pages.py.
"""

from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.dependants.commands import AnswerDependants, answer_dependants
from services.case.dependants.rules import USUALLY
from services.case.dependants.views import DependantViews
from services.case.rights.words import choices
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.codelists.periods import london_day
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.dates import day_of, typed_day
from shared.web.pages.site import PageSet, go_to

_PAGE = f"{PATH}/<uuid:survivor_id>/dependants"
_ANSWER = "Choose what they answered, or that nobody asked."
_DAY = "Give the day by which you ask again, from today on and at most a year ahead, such as 1 12 2026."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("dependants", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(_PAGE)(built.show)
    blueprint.post(_PAGE)(built.answer)
    return PageSet(blueprint=blueprint, prefixes=(), roles=CASEWORK, home=PATH, begins=())


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._views = DependantViews(context)

    def show(self, survivor_id: Any) -> str:
        """Show what was answered, and ask."""
        _, key = self._admission.about(survivor_id, "case:dependants:read")
        on: date = london_day(self._context.clock.now()) + USUALLY
        return self._page(key, {"day": str(on.day), "month": str(on.month), "year": str(on.year)}, {})

    def answer(self, survivor_id: Any) -> Any:
        """Keep an answer."""
        who, key = self._admission.about(survivor_id, AnswerDependants.action)
        chosen, typed = request.form.get("answer", "")[:80], typed_day(request.form, "on")
        wrong = {} if get("dependant_answer").has(chosen) else {"answer": _ANSWER}
        try:
            on = day_of(typed)
        except ValueError:
            on = None
        wrong |= {"on": _DAY} if on is None else {}
        if on is not None and not wrong:
            by = {"actor_id": who.actor_id, "role": who.role}
            command = AnswerDependants(answer_id=new_id(), survivor_id=key, **by, answer=chosen, ask_again_on=on)
            sealer = Sealer.of_known(self._context, [key])
            try:
                self._admission.carry_out(
                    who, key, command, lambda work: answer_dependants(command, work, sealer=sealer)
                )
            except InvalidInputError:
                wrong = {"on": _DAY}
            except RuleViolationError as error:
                wrong = {"answer": str(error)}
        if wrong:
            return ask_again(self._page(key, typed, wrong))
        return go_to(f"{PATH}/{key}/dependants?done=answered")

    def _page(self, key: str, typed: dict[str, str], wrong: dict[str, str]) -> str:
        person = self._web.read("case:survivor:read", key, lambda: self._admission.survivors.survivor(key))
        row = self._web.read("case:dependants:read", key, lambda: self._views.of_person(key))
        words = get("dependant_answer")
        return render_template(
            "case/dependants.html",
            person=person,
            base=f"{PATH}/{key}",
            answers=[{**one, "words": words.label(one["answer"])} for one in row["answers"]],
            due=row["due"],
            codes=choices("dependant_answer", without=("NOT_KNOWN",)),
            chosen=request.form.get("answer", "")[:80],
            duties=[label for _, label in choices("dependant_duty")],
            typed=typed,
            wrong=wrong,
            done=request.args.get("done", "")[:20],
        )
