"""The pages that every kind of what is kept has: write it down, see it as it stands, correct it, take it back.

Promise: the same rights, commands and audited reads as the API's; nothing is chosen before somebody chose. Shown by
tests/integration/pages/test_outcome_pages.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request
from marshmallow import Schema

from services.case.contacts.rules import WHY_CORRECTED, WHY_TAKEN_BACK
from services.case.episodes.errors import EpisodeClosedError
from services.case.outcomes.errors import AlreadyCorrectedError, DayInFutureError, WrittenByAnotherError
from services.case.outcomes.forms import Ask, Typed, blank, cleared, known, read, typed_of
from services.case.outcomes.keeping import (
    CorrectKept,
    OnKept,
    TakeKeptBack,
    WriteKept,
    correct_kept,
    take_kept_back,
    write_kept,
)
from services.case.outcomes.serving import said_of
from services.case.outcomes.views import KeptViews, Row
from services.case.outcomes.words import WHY_CORRECTED as CORRECTED_WORDS
from services.case.outcomes.words import WHY_TAKEN_BACK as BACK_WORDS
from services.case.support.admission import PATH, Admission
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again, go_to

_PERSON = f"{PATH}/<uuid:survivor_id>"
_DAY = "Give a day that has been, such as 4 8 2026, or leave it out."


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One kind on the pages.

    Attributes:
        one, many: What one and several are called in the address.
        back: The page on which they stand.
        title, intro: Of the form of a new one.
        asks: The questions about one of them; of a person, since their goals can be chosen.
        asks_new: Those of the form of a new one, where they differ; several may then be said at once.
        reads: Gives what each says out of that form, and what is to be mended; None for one alone.
        words: Gives a row in words.
    """

    one: str
    many: str
    back: str
    title: str
    intro: str
    writes: type[WriteKept]
    corrects: type[CorrectKept]
    takes_back: type[TakeKeptBack]
    schema: type[Schema]
    asks: Callable[[Principal, str], Sequence[Ask]]
    asks_new: Sequence[Ask] = ()
    reads: Callable[[Typed], tuple[list[dict[str, Any]], dict[str, str]]] | None = None
    words: Callable[[Row], Row]


class KeptPages:
    """The forms of one kind."""

    def __init__(self, context: ServiceContext, web: Gateway, admission: Admission, shown: Shown) -> None:
        """Take case's context, the way to its committer, who may act, and the kind."""
        self._context = context
        self._web = web
        self._admission = admission
        self._shown = shown
        self._views = KeptViews(context, shown.writes.kind)

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the addresses."""
        one, kept = f"{_PERSON}/{self._shown.one}", f"{_PERSON}/{self._shown.many}/<uuid:kept_id>"
        name = self._shown.one
        blueprint.get(one, endpoint=f"{name}_ask")(self.ask)
        blueprint.post(one, endpoint=f"{name}_write")(self.write)
        blueprint.get(kept, endpoint=f"{name}_show")(self.show)
        blueprint.post(f"{kept}/correct", endpoint=f"{name}_correct")(self.correct)
        blueprint.post(f"{kept}/take-back", endpoint=f"{name}_take_back")(self.take_back)

    def ask(self, survivor_id: Any) -> str:
        """Ask what is to be written down."""
        who, key = self._writer(survivor_id)
        return self._form(who, key, {}, {})

    def write(self, survivor_id: Any) -> Any:
        """Write it down."""
        who, key = self._writer(survivor_id)
        asks = self._shown.asks_new or self._shown.asks(who, key)
        typed = {**typed_of(request.form, asks), "episode": request.form.get("episode", "")[:80]}
        said, wrong = self._read_new(typed, asks)
        if typed["episode"] not in {row["id"] for row in self._admission.open_episodes_of(who, key)}:
            wrong = {"episode": "Choose to which support this belongs.", **wrong}
        if not wrong:
            written = {new_id(): said_of(one) for one in said}
            about = self._about(who, key, {"episode_id": typed["episode"], "id": next(iter(written))})
            wrong = self._tried(who, key, self._shown.writes(written=written, **about), write_kept, "episode")
        if wrong:
            return ask_again(self._form(who, key, typed, wrong))
        return go_to(f"{PATH}/{key}/{self._shown.back}?done=written")

    def show(self, survivor_id: Any, kept_id: Any) -> str:
        """Show one that is to be corrected or taken back."""
        who, key = self._admission.about(survivor_id, self._shown.corrects.action)
        row = self._one(who, key, kept_id)
        return self._page(who, key, row, known(row, self._shown.asks(who, key)), {})

    def correct(self, survivor_id: Any, kept_id: Any) -> Any:
        """Write it as it should have been."""
        who, key = self._admission.about(survivor_id, self._shown.corrects.action)
        row, asks = self._one(who, key, kept_id), self._shown.asks(who, key)
        typed, why = typed_of(request.form, asks), request.form.get("why", "")[:80]
        told, wrong = read(typed, asks, self._shown.schema())
        if why not in WHY_CORRECTED:
            wrong = {**wrong, "why": "Choose why you correct it."}
        if not wrong:
            empty = cleared(row, told, self._shown.corrects.kind.make.MAY_BE_CLEARED)
            command = self._shown.corrects(said=said_of(told), cleared=empty, why=why, **self._about(who, key, row))
            wrong = self._tried(who, key, command, correct_kept, "why")
        if wrong:
            return ask_again(self._page(who, key, row, {**typed, "why": why}, wrong))
        return go_to(f"{PATH}/{key}/{self._shown.back}?done=corrected")

    def take_back(self, survivor_id: Any, kept_id: Any) -> Any:
        """Take it back."""
        who, key = self._admission.about(survivor_id, self._shown.takes_back.action)
        row, why = self._one(who, key, kept_id), request.form.get("why", "")[:80]
        wrong = {} if why in WHY_TAKEN_BACK else {"why-back": "Choose why you take it back."}
        if not wrong:
            command = self._shown.takes_back(why=why, **self._about(who, key, row))
            wrong = self._tried(who, key, command, take_kept_back, "why-back")
        if wrong:
            return ask_again(self._page(who, key, row, known(row, self._shown.asks(who, key)), wrong))
        return go_to(f"{PATH}/{key}/{self._shown.back}?done=taken-back")

    def _writer(self, survivor_id: Any) -> tuple[Principal, str]:
        who, key = self._admission.about(survivor_id, self._shown.writes.action)
        if who.role != ADVOCATE:
            self._web.refuse(key, action=self._shown.writes.action)
        return who, key

    def _read_new(self, typed: Typed, asks: Sequence[Ask]) -> tuple[list[dict[str, Any]], dict[str, str]]:
        if self._shown.reads is not None:
            return self._shown.reads(typed)
        told, wrong = read(typed, asks, self._shown.schema())
        return [told], wrong

    def _tried(
        self, who: Principal, key: str, command: OnKept, by: Callable[..., Answer], place: str
    ) -> dict[str, str]:
        """Carry it out; give what is to be mended."""
        sealer = Sealer.of_known(self._context, [key])

        def run(work: UnitOfWork) -> Answer:
            return by(command, work, sealer=sealer)

        try:
            self._admission.carry_out(who, key, command, run)
        except DayInFutureError:
            return {"on": _DAY}
        except (AlreadyCorrectedError, WrittenByAnotherError, EpisodeClosedError) as error:
            return {place: str(error)}
        except DocumentMissingError:
            return {place: "What it belongs to is not there any more. Load the page again."}
        return {}

    def _one(self, who: Principal, key: str, kept_id: Any) -> Row:
        """Give one of a support that they may see; another one's is not there."""
        row = self._web.read(f"case:{self._shown.one}:read", key, lambda: self._views.one(key, str(kept_id)))
        if row is None or row["episode_id"] not in {one["id"] for one in self._admission.episodes_of(who, key)}:
            abort(404)
        return row

    def _form(self, who: Principal, key: str, typed: Typed, wrong: Mapping[str, str]) -> str:
        def load() -> tuple[Row, list[Row]]:
            return self._admission.survivors.survivor(key), self._admission.open_episodes_of(who, key)

        person, episodes = self._web.read("case:survivor:read", key, load)
        asks = self._shown.asks_new or self._shown.asks(who, key)
        return render_template(
            "case/kept_new.html",
            person=person,
            base=f"{PATH}/{key}",
            kind=self._shown,
            episodes=[(row["id"], f"Referred {row['referral_date']:%-d %B %Y}") for row in episodes],
            asks=asks,
            typed={"episode": "", **blank(asks), **typed},
            wrong=wrong,
        )

    def _page(self, who: Principal, key: str, row: Row, typed: Typed, wrong: Mapping[str, str]) -> str:
        return render_template(
            "case/kept_mend.html",
            base=f"{PATH}/{key}",
            kind=self._shown,
            one=self._shown.words(row),
            theirs=who.role != ADVOCATE or row["actor_id"] in {None, who.actor_id},
            stands=row["corrected_by"] is None and not row["taken_back"],
            asks=self._shown.asks(who, key),
            typed={"why": "", **typed},
            wrong=wrong,
            why_corrected=list(CORRECTED_WORDS.items()),
            why_taken_back=list(BACK_WORDS.items()),
        )

    @staticmethod
    def _about(who: Principal, key: str, row: Mapping[str, Any]) -> dict[str, str]:
        return {
            "episode_id": row["episode_id"],
            "survivor_id": key,
            "kept_id": row["id"],
            "actor_id": who.actor_id,
            "role": who.role,
        }
