"""An import on its way: waiting, planned, so far, ended, undone; plain rules, no database and no clock."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from services.case.imports.rules.settling import Outcome
from services.case.imports.rules.table import Table

WAITING, DONE, REFUSED, FAILED = "WAITING", "DONE", "REFUSED", "FAILED"
"""States of an import; ``REFUSED`` took nothing, ``FAILED`` took the rows before what went wrong."""

PLANNING, PLANNED, COMMITTING, EXPIRED = "PLANNING", "PLANNED", "COMMITTING", "EXPIRED"
UNDOING, UNDONE = "UNDOING", "UNDONE"
"""Further states of one that is planned first. Its waiting has a name of its own, so that a process of an older
version, which knows no plans, never carries it out."""

BUSY = (WAITING, PLANNING, COMMITTING, UNDOING)
"""States in which the job has something to do."""

PLAN_LIVES, UNDO_WITHIN, NO_UNHEARD = timedelta(days=14), timedelta(hours=24), timedelta(days=1)
"""How long a plan may be committed, an import undone, and a planned no wait before the data lead is told."""

HELD = timedelta(seconds=60)
"""How long a plan that is being made waits for its maker, by real time; each chunk of rows begins that time again."""

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
        planned: Whether it is planned first, and carried out only when somebody commits the plan.
        is_part: Whether the file holds some records only, so that who is absent from it is not gone at the source.
        of: Rows of the file; None until it is known.
        plan_place: Under which name the strongroom keeps the plan that holds; each attempt at one has its own.
        held_by, held_until: Who makes a plan now, and until when by real time nobody else begins one.
        plan_hash: SHA-256 of what the plan tells, row by row.
        planned_day: The business day on which rows were judged; a commit judges them as of the same day.
        noes: Rows of the plan that say no.
        reminded: Whether the data lead was told that a planned no waits.
        checked: Whether the commit found the plan still true; from then on it is carried out.
        changed_rows: Rows that a commit found changed since the plan, where it therefore made a new one.
        undone, left_rows: Of an undo: rows that it took back, and those left since somebody changed them.
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
    planned: bool = False
    is_part: bool = False
    of: int | None = None
    plan_place: str = ""
    held_by: str | None = None
    held_until: datetime | None = None
    plan_hash: str | None = None
    plan_counts: Mapping[str, int] = field(default_factory=dict)
    planned_day: date | None = None
    planned_at: datetime | None = None
    expires_at: datetime | None = None
    noes: int = 0
    reminded: bool = False
    checked: bool = False
    changed_rows: tuple[int, ...] = ()
    committed_by: str | None = None
    undo_until: datetime | None = None
    undone: int = 0
    left_rows: tuple[int, ...] = ()
    version: int = 0

    def is_held(self, by: str, now: datetime) -> bool:
        """Whether somebody else makes a plan of it now; one who died is waited for until their time is over."""
        held = self.held_until is not None and now < self.held_until and self.held_by != by
        return self.is_rehearsed and held

    def attempted(self, by: str, now: datetime) -> "Import":
        """Count an attempt, before it is made."""
        at = self.undone + len(self.left_rows) if self.state == UNDOING else self.done
        # A plan begins anew each time, so each attempt at one counts.
        same = self.tried is not None and (self.tried.at == at or self.is_rehearsed)
        before = self.tried.times if self.tried is not None and same else 0
        return replace(self, tried=Tried(at=at, times=before + 1), held_by=by, held_until=now + HELD)

    @property
    def is_rehearsed(self) -> bool:
        """Whether what the job does next is to make a plan, its first or the one that a commit compares."""
        return self.state == PLANNING or (self.state == COMMITTING and not self.checked)

    def committing(self, *, by: str) -> "Import":
        """Wait to be carried out as planned."""
        return replace(self, state=COMMITTING, committed_by=by, checked=False, tried=None, changed_rows=())

    def undoing(self) -> "Import":
        """Wait to be undone."""
        return replace(self, state=UNDOING, tried=None, why=None)

    def planning(self, *, of: int, source: str, day: date) -> "Import":
        """Begin a plan, always from its first row: a plan writes nothing that it could go on from."""
        return replace(self, of=of, source=source, planned_day=day, done=0)

    def at(self, done: int, now: datetime) -> "Import":
        """Note how many rows are planned."""
        return replace(self, done=done, held_until=now + HELD)

    def plan_ready(
        self, *, place: str, plan_hash: str, counts: Mapping[str, int], noes: int, changed: Sequence[int], at: datetime
    ) -> "Import":
        """Keep a plan that anybody with the right may now commit."""
        return replace(
            self,
            state=PLANNED,
            plan_place=place,
            held_by=None,
            held_until=None,
            plan_hash=plan_hash,
            plan_counts=dict(counts),
            noes=noes,
            reminded=False,
            planned_at=at,
            expires_at=at + PLAN_LIVES,
            done=0,
            tried=None,
            checked=False,
            changed_rows=tuple(changed[:MOST_PROBLEMS]),
        )

    def found_true(self, *, place: str) -> "Import":
        """Note that nothing changed since the plan; from here the newest form of it is carried out."""
        return replace(self, plan_place=place, checked=True, done=0, tried=None, held_by=None, held_until=None)

    @property
    def keeps_its_plan(self) -> bool:
        """Whether its plan may still be looked at: it was committed, and has not expired."""
        return self.planned and self.state in (DONE, UNDONE) and self.expires_at is not None

    def undoable(self, now: datetime) -> bool:
        """Whether it may still be undone."""
        return self.state in (DONE, FAILED) and self.undo_until is not None and now <= self.undo_until

    def took_back(self, *, undone: int, left: Sequence[int]) -> "Import":
        """Note how far an undo is."""
        rows = (*self.left_rows, *left)
        return replace(self, undone=self.undone + undone, left_rows=rows[:MOST_PROBLEMS])

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
        held = (row for row, outcome in outcomes if outcome.kind == "HELD")
        # What must be mended first is never what the list has no room for.
        every = sorted([*self.problems, *problems], key=lambda p: not p.get("urgent", False))
        return replace(
            self,
            counts=dict(counts),
            done=self.done + len(outcomes),
            problems=tuple(every[:MOST_PROBLEMS]),
            problems_omitted=self.problems_omitted + len(every[MOST_PROBLEMS:]),
            held_rows=(*self.held_rows, *held)[:MOST_PROBLEMS],
            consents_ended=self.consents_ended + sum(outcome.ended for _, outcome in outcomes),
        )

    def heard(self, outcomes: Sequence[tuple[int, Outcome]]) -> "Import":
        """Note what protects people in rows of a file of which nothing else is taken; once, however often told."""
        told = {(one["row"], one["code"]) for one in self.problems}
        anew = [
            (row, replace(outcome, problems=tuple(p for p in outcome.problems if (row, p.code) not in told)))
            for row, outcome in outcomes
        ]
        return replace(self.went_on(anew), counts=self.counts, done=self.done, held_rows=self.held_rows)

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
        until = at + UNDO_WITHIN if self.state == COMMITTING and self.checked else self.undo_until
        return replace(self, state=state, why=said, ended_at=at, undo_until=until)
