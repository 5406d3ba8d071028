"""Forms of steps: add one, take it, move it, mark it done, drop it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import abort, render_template, request
from marshmallow import ValidationError

from services.case.steps.commands import (
    AddStep,
    DropStep,
    FinishStep,
    MoveStep,
    TakeStep,
    add_step,
    drop_step,
    finish_step,
    move_step,
    take_step,
)
from services.case.steps.errors import DueInPastError
from services.case.steps.rules import DEFAULT_WEEKS, FOLLOW_UP, REVIEW, WHY_DROPPED
from services.case.steps.schemas import LONGEST_WHAT, StepSchema
from services.case.steps.views import StepViews
from services.case.steps.words import WHY
from services.case.support.admission import PATH, Admission
from services.case.survivors.sealing import Sealer
from shared.kernel.errors import RuleViolationError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.dates import day_of, typed_day
from shared.web.pages.site import go_to

By = Callable[..., Answer]
_SENTENCES = {
    "what": f"Say in a few words what is to be done, in at most {LONGEST_WHAT} letters.",
    "due": "Give a day from today on, such as 1 12 2026, or leave it out. A review needs one.",
    "weeks": "Give the weeks as a number from 1 to 52, or leave them out.",
    "kind": "Choose what it is.",
}
_PLACES = {"due_on": "due", "every_weeks": "weeks", "goal_id": "what"}


class Acting:
    """What the forms do, as the API does it."""

    def __init__(self, context: ServiceContext, web: Gateway, admission: Admission) -> None:
        """Take case's context, the way to its committer, and who may act."""
        self._context = context
        self._web = web
        self._admission = admission
        self._views = StepViews(context, admission.survivors)

    def ask(self, survivor_id: Any) -> str:
        """Ask what is to be done."""
        _, key = self._admission.about(survivor_id, AddStep.action)
        kind = REVIEW if request.args.get("kind") == REVIEW else FOLLOW_UP
        goal = request.args.get("goal", "")[:36]
        return self._form(key, {"kind": kind, "what": "", "due": {}, "weeks": str(DEFAULT_WEEKS), "goal": goal}, {})

    def add(self, survivor_id: Any) -> Any:
        """Add it."""
        who, key = self._admission.about(survivor_id, AddStep.action)
        typed = {
            "kind": request.form.get("kind", "")[:20],
            "what": request.form.get("what", "").strip()[: LONGEST_WHAT + 1],
            "due": typed_day(request.form, "due"),
            "weeks": request.form.get("weeks", "").strip()[:10],
            "goal": request.form.get("goal", "")[:40],
        }
        body, wrong = _read(typed)
        if not wrong:
            step_id = new_id()
            command = AddStep(
                step_id=step_id,
                survivor_id=key,
                actor_id=who.actor_id,
                **{**body, "is_theirs": bool(request.form.get("mine")), "goal_id": typed["goal"] or None},
            )
            wrong = self._tried(who, key, command, add_step, place="what")
        if wrong:
            shown = self._form(key, typed, wrong)
            return ask_again(shown)
        return go_to(f"{PATH}/{key}?done=step")

    def show(self, survivor_id: Any, step_id: Any) -> str:
        """Show a step with what can be done about it."""
        who, key = self._admission.about(survivor_id, "case:step:read")
        return self._page(who, key, self._step(key, step_id), {})

    def act(self, survivor_id: Any, step_id: Any, what: str) -> Any:
        """Take it, move it, finish it or drop it."""
        who, key = self._admission.about(survivor_id, "case:step:change")
        row = self._step(key, step_id)
        command, by, wrong = _asked(what, {"step_id": row["id"], "survivor_id": key, "actor_id": who.actor_id})
        if not wrong:
            wrong = self._tried(who, key, command, by, place="act")
        if wrong:
            shown = self._page(who, key, row, wrong)
            return ask_again(shown)
        return go_to(f"{PATH}/{key}?done={what}")

    def _tried(self, who: Principal, key: str, command: DomainCommand, by: By, *, place: str) -> dict[str, str]:
        """Carry a command out; give what is to be mended."""
        sealer = Sealer.of_known(self._context, [key])

        def run(work: UnitOfWork) -> Answer:
            return by(command, work, sealer=sealer)

        try:
            self._admission.carry_out(who, key, command, run)
        except DueInPastError:
            return {"due": _SENTENCES["due"]}
        except RuleViolationError as error:
            return {place: str(error)}
        return {}

    def _step(self, key: str, step_id: Any) -> dict[str, Any]:
        """Give a step of that very person; another one's is not there."""
        rows = [row for row in self._views.open_of(key) if row["id"] == str(step_id)]
        if not rows:
            abort(404)
        return rows[0]

    def _form(self, key: str, typed: dict[str, Any], wrong: dict[str, str]) -> str:
        person = self._web.read("case:survivor:read", key, lambda: self._admission.survivors.survivor(key))
        return render_template(
            "case/step_new.html",
            person=person,
            base=f"{PATH}/{key}",
            typed=typed,
            wrong=wrong,
            kinds=[(FOLLOW_UP, "Something to do"), (REVIEW, "A review")],
        )

    def _page(self, who: Principal, key: str, row: dict[str, Any], wrong: dict[str, str]) -> str:
        self._web.read("case:step:read", row["id"], lambda: row)
        return render_template(
            "case/step.html",
            step=row,
            base=f"{PATH}/{key}",
            target=f"{PATH}/{key}/steps/{row['id']}",
            mine=row["taken_by"] == who.actor_id,
            wrong=wrong,
            why=[(code, WHY[code]) for code in WHY_DROPPED],
        )


def _read(typed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give what a form says, as the API's schema reads it, and what is to be mended."""
    due, wrong = _typed_day(typed["due"])
    weeks = typed["weeks"]
    if weeks and not (weeks.isascii() and weeks.isdecimal()):
        wrong.add("weeks")
    body = {
        "kind": typed["kind"],
        "what": typed["what"] or None,
        "due_on": due.isoformat() if due is not None else None,
        "goal_id": typed["goal"] or None,
        "every_weeks": int(weeks) if weeks and "weeks" not in wrong else None,
    }
    read: dict[str, Any] = {}
    try:
        read = StepSchema().load(body)
    except ValidationError as error:
        wrong |= {_PLACES.get(name, name) for name in error.messages_dict}
    return read, {name: sentence for name, sentence in _SENTENCES.items() if name in wrong}


def _typed_day(typed: dict[str, str]) -> tuple[date | None, set[str]]:
    try:
        return day_of(typed), set()
    except ValueError:
        return None, {"due"}


def _asked(what: str, about: dict[str, str]) -> tuple[DomainCommand, By, dict[str, str]]:
    """Give the command that a form asks for, who carries it out, and what is to be mended."""
    if what == "take":
        return TakeStep(**about), take_step, {}
    if what == "done":
        return FinishStep(**about), finish_step, {}
    if what == "drop":
        why = request.form.get("why", "")[:80]
        wrong = {} if why in WHY_DROPPED else {"why": "Choose why it is dropped."}
        return DropStep(why=why, **about), drop_step, wrong
    if what != "move":
        abort(404)
    due, wrong_day = _typed_day(typed_day(request.form, "due"))
    return MoveStep(due_on=due, **about), move_step, {"due": _SENTENCES["due"]} if wrong_day else {}
