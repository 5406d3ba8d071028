"""An import on its way: waiting, so far, ended; plain rules, no database and no clock."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from services.case.imports.rules.settling import Outcome
from services.case.imports.rules.table import Table

WAITING, DONE, REFUSED, FAILED = "WAITING", "DONE", "REFUSED", "FAILED"
"""States of an import; ``REFUSED`` took nothing, ``FAILED`` took the rows before what went wrong."""

ASK, CORRECT = "ask", "correct"
"""What to do with a known reference whose row tells of another referral, or of another person."""

MOST_PROBLEMS = 1_000
"""Problems that a report lists; of a file with more, the mapping is wrong, and a document holds 16 MB."""


class Tried(NamedTuple):
    """How many attempts did not get beyond a row."""

    at: int
    times: int


@dataclass(frozen=True, kw_only=True)
class Import:
    """One file and what became of it; of its cells, nothing.

    Attributes:
        why: Why it was refused or failed, and how to mend it.
        known_rows: ``ask`` or ``correct``.
        exact_references: Whether references that only look different are different people.
        profile: Of the columns; None where a file could not be read.
        source: The system whose references the file has; None until it is known.
        done: Rows that are carried out.
        counts: Rows by what became of them.
        problems: Row, column, code and sentence of each; what is urgent first.
        consents_ended: Consents that this file ended.
        traceparent: Trace context of the upload, if there is one.
        tried: Attempts since ``done`` last grew.
    """

    id: str
    state: str
    why: str | None = None
    known_rows: str = ASK
    exact_references: bool = False
    profile: str | None
    source: str | None
    actor_id: str
    received_at: datetime
    done: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Mapping[str, Any], ...] = ()
    problems_omitted: int = 0
    held_rows: tuple[int, ...] = ()
    consents_ended: int = 0
    traceparent: str | None = None
    tried: Tried | None = None
    source_is_new: bool | None = None
    dropped_columns: tuple[str, ...] = ()
    unread_columns: tuple[str, ...] | None = None
    ignored_rows: tuple[int, ...] | None = None
    header_row: int | None = None
    encoding: str | None = None
    ended_at: datetime | None = None
    version: int = 0

    def attempted(self) -> "Import":
        """Count an attempt, before it is made."""
        before = self.tried.times if self.tried is not None and self.tried.at == self.done else 0
        return replace(self, tried=Tried(at=self.done, times=before + 1))

    def went_on(self, outcomes: Sequence[tuple[int, Outcome]]) -> "Import":
        """Note what became of further rows.

        Args:
            outcomes: Number of the row, and its outcome.
        """
        counts: Counter[str] = Counter(self.counts)
        counts.update({"QUARANTINED": 0})
        counts.update(outcome.kind for _, outcome in outcomes)
        problems = [
            {"row": row, "column": p.column, "code": p.code, "sentence": p.sentence, "urgent": p.urgent}
            for row, outcome in outcomes
            for p in outcome.problems
        ]
        # What must be mended first is never what the list has no room for.
        every = sorted([*self.problems, *problems], key=lambda p: not p.get("urgent", False))
        return replace(
            self,
            counts=dict(counts),
            done=self.done + len(outcomes),
            problems=tuple(every[:MOST_PROBLEMS]),
            problems_omitted=self.problems_omitted + len(every[MOST_PROBLEMS:]),
            held_rows=(*self.held_rows, *(row for row, outcome in outcomes if outcome.kind == "HELD")),
            consents_ended=self.consents_ended + sum(outcome.ended for _, outcome in outcomes),
        )

    def carried_out(self, table: Table, *, source: str, is_new: bool) -> "Import":
        """Tell of the file what its report says beside the rows."""
        return replace(
            self,
            source=source,
            source_is_new=is_new,
            profile=table.profile,
            dropped_columns=table.dropped,
            unread_columns=table.unread,
            ignored_rows=table.ignored,
            header_row=table.header_row,
            encoding=table.encoding,
        )

    def ended(self, state: str, why: str | None, *, at: datetime) -> "Import":
        """End it; of a failure the reason names how far it came."""
        said = why.replace("{done}", str(self.done)) if state == FAILED and why is not None else why
        return replace(self, state=state, why=said, ended_at=at)
