"""Forms of the NRM: write down what is known, correct it, take it back, put a time on the list."""

from collections.abc import Callable
from typing import Any

from flask import abort, render_template, request

from services.case.contacts.words import HEADINGS
from services.case.nrm.commands import (
    CorrectNrm,
    PlanDeadline,
    RecordNrm,
    TakeNrmBack,
    correct_nrm,
    plan_deadline,
    record_nrm,
    take_nrm_back,
)
from services.case.nrm.errors import NrmDayError
from services.case.nrm.forms import TypedNrm
from services.case.nrm.rules import WHY_CORRECTED, WHY_TAKEN_BACK
from services.case.nrm.schemas import KINDS
from services.case.nrm.views import NrmViews
from services.case.nrm.words import in_words, lists, time_in_words
from services.case.support.admission import PATH, Admission
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from shared.kernel.errors import RuleViolationError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import go_to

Row = dict[str, Any]


class Acting:
    """What the forms do, as the API does it."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        """Take case's context and the way to its committer."""
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._views = NrmViews(context)

    def show(self, survivor_id: Any) -> str:
        """Show what is known, and every time that runs."""
        who, key = self._admission.about(survivor_id, "case:nrm:list")
        return self._page(who, key, {})

    def ask(self, survivor_id: Any) -> str:
        """Ask what is known."""
        _, key = self._writer(survivor_id, RecordNrm.action)
        return self._form(key, TypedNrm(), {})

    def record(self, survivor_id: Any) -> Any:
        """Write it down."""
        who, key = self._writer(survivor_id, RecordNrm.action)
        typed = TypedNrm.of(request.form)
        body, wrong = typed.read()
        if not wrong:
            command = RecordNrm(said=body, **_about(who, key, new_id()))
            wrong = self._tried(who, key, command, record_nrm, place="stage")
        if wrong:
            return ask_again(self._form(key, typed, wrong))
        return go_to(f"{PATH}/{key}/nrm?done=written")

    def mend(self, survivor_id: Any, entry_id: Any) -> str:
        """Show an entry that is to be corrected or taken back."""
        _, key = self._writer(survivor_id, CorrectNrm.action)
        row = self._web.read("case:nrm:read", str(entry_id), lambda: self._entry(key, entry_id))
        return self._mending(key, row, TypedNrm.known(row), {})

    def correct(self, survivor_id: Any, entry_id: Any) -> Any:
        """Write it as it should have been."""
        who, key = self._writer(survivor_id, CorrectNrm.action)
        row, typed = self._entry(key, entry_id), TypedNrm.of(request.form)
        body, wrong = typed.read()
        if typed.why not in WHY_CORRECTED:
            wrong = {**wrong, "why": "Choose why you correct it."}
        if not wrong:
            command = CorrectNrm(said=body, cleared=typed.cleared(row), why=typed.why, **_about(who, key, row["id"]))
            wrong = self._tried(who, key, command, correct_nrm, place="why")
        return self._mended(key, row, typed, wrong, done="corrected")

    def take_back(self, survivor_id: Any, entry_id: Any) -> Any:
        """Take it back: there was nothing such of this person."""
        who, key = self._writer(survivor_id, TakeNrmBack.action)
        row, why = self._entry(key, entry_id), request.form.get("why", "")[:80]
        wrong = {} if why in WHY_TAKEN_BACK else {"why-back": "Choose why you take it back."}
        if not wrong:
            command = TakeNrmBack(why=why, **_about(who, key, row["id"]))
            wrong = self._tried(who, key, command, take_nrm_back, place="why-back")
        return self._mended(key, row, TypedNrm.known(row), wrong, done="taken-back")

    def plan(self, survivor_id: Any, entry_id: Any) -> Any:
        """Put a time on the list of what is to be done."""
        who, key = self._admission.about(survivor_id, PlanDeadline.action)
        kind = request.form.get("kind", "")[:80]
        if kind not in KINDS:
            abort(404)
        command = PlanDeadline(kind=kind, **_about(who, key, self._entry(key, entry_id)["id"]))
        wrong = self._tried(who, key, command, plan_deadline, place="times")
        if wrong:
            return ask_again(self._page(who, key, wrong))
        return go_to(f"{PATH}/{key}?done=step")

    def _writer(self, survivor_id: Any, action: str) -> tuple[Principal, str]:
        """Admit a person's own advocate, and nobody else."""
        who, key = self._admission.about(survivor_id, action)
        if who.role != ADVOCATE:
            self._web.refuse(key, action=action)
        return who, key

    def _tried(
        self, who: Principal, key: str, command: DomainCommand, by: Callable[..., Answer], *, place: str
    ) -> dict[str, str]:
        """Carry a command out; give what is to be mended."""
        sealer = Sealer.of_known(self._context, [key])

        def run(work: UnitOfWork) -> Answer:
            return by(command, work, sealer=sealer)

        try:
            self._admission.carry_out(who, key, command, run)
        except NrmDayError as error:
            return {error.field: str(error)}
        except RuleViolationError as error:
            return {place: str(error)}
        return {}

    def _entry(self, key: str, entry_id: Any) -> Row:
        """Give an entry of that very person; another one's is not there."""
        rows = [row for row in self._views.known(key).entries if row["id"] == str(entry_id)]
        if not rows:
            abort(404)
        return rows[0]

    def _form(self, key: str, typed: TypedNrm, wrong: dict[str, str]) -> str:
        person = self._web.read("case:survivor:read", key, lambda: self._admission.survivors.survivor(key))
        return render_template(
            "case/nrm_new.html", person=person, base=f"{PATH}/{key}", typed=typed, wrong=wrong, **lists()
        )

    def _mended(self, key: str, row: Row, typed: TypedNrm, wrong: dict[str, str], *, done: str) -> Any:
        if not wrong:
            return go_to(f"{PATH}/{key}/nrm?done={done}")
        # It shows the entry's words as the page does that asks.
        read = self._web.read("case:nrm:read", row["id"], lambda: row)
        return ask_again(self._mending(key, read, typed, wrong))

    @staticmethod
    def _mending(key: str, row: Row, typed: TypedNrm, wrong: dict[str, str]) -> str:
        return render_template(
            "case/nrm_mend.html",
            base=f"{PATH}/{key}",
            one=in_words(row),
            stands=row["corrected_by"] is None and not row["taken_back"],
            typed=typed,
            wrong=wrong,
            why_corrected=[(code, HEADINGS[code]) for code in WHY_CORRECTED],
            why_taken_back=[(code, HEADINGS[code]) for code in WHY_TAKEN_BACK],
            **lists(),
        )

    def _page(self, who: Principal, key: str, wrong: dict[str, str]) -> str:
        known, person = self._web.read(
            "case:nrm:list", key, lambda: (self._views.known(key), self._admission.survivors.survivor(key))
        )
        return render_template(
            "case/nrm.html",
            person=person,
            base=f"{PATH}/{key}",
            current=None if known.current is None else in_words(known.current),
            waited=known.waited_days,
            nation=known.nation,
            times=[time_in_words(row) for row in known.deadlines],
            entries=[in_words(row) for row in known.entries],
            writes=who.role == ADVOCATE,
            wrong=wrong,
            done=request.args.get("done", "")[:20],
        )


def _about(who: Principal, key: str, entry_id: str) -> dict[str, str]:
    return {"survivor_id": key, "entry_id": entry_id, "actor_id": who.actor_id, "role": who.role}
