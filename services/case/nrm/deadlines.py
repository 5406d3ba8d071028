"""By when something of the NRM is to be asked for, or lasts: worked out from what stands, the nation and the day; pure.

Promise: a day that is shown is never later than the policy allows. Where the day of a decision is not known none is
shown, only the last one that it could be. What was decided stays as it is wherever somebody moves; only the times of
support change. Shown by tests/unit/case/test_nrm_deadlines.py. Source: domain reference 2.1, 3 and 14.2; ADR 0057.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from services.case.episodes.rules import Episode
from services.case.episodes.states import ENDED
from services.case.nrm.policy import NATIONS, Line, kinds, line_for
from services.case.nrm.rules import Entry

_STEP = UUID("c8f1c0de-7c55-4b0b-8d5e-3a1b7d0c9e42")


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One time that runs.

    Attributes:
        entry: From which it runs.
        line: The policy's line by which it was worked out.
        due_on: The last day; None where nobody knows from which day it runs.
        latest: The last day, or the one that it cannot lie behind.
        overdue: Whether that day is over.
        exceptions: Whether the law knows some.
    """

    kind: str
    entry: Entry
    line: Line
    due_on: date | None
    latest: date
    overdue: bool
    exceptions: bool

    @property
    def step_id(self) -> str:
        """The id of the step that is made of it: it follows from the first writing, so that there is one at most."""
        return step_of(self.entry, self.kind)


def step_of(entry: Entry, kind: str) -> str:
    """Give the id of the step that is made of a time of an entry, however it was corrected."""
    return str(uuid5(_STEP, f"{entry.first_id} {kind}"))


def nation_of(episodes: Iterable[Episode]) -> str | None:
    """Give the nation in which somebody is supported: of an open support before an ended one, then the newest.

    None where it is none of the four, or nobody said.
    """
    known = sorted(episodes, key=lambda one: (one.status not in ENDED, one.referral_date))
    nation = known[-1].nation if known else None
    return nation if nation in NATIONS else None


def deadlines(entries: Sequence[Entry], nation: str | None, today: date) -> list[Deadline]:
    """Give every time that runs or is over without an end, of entries that stand, the nearest day first."""
    found = []
    for kind in kinds():
        for entry in entries:
            ends = kind.begins.get(entry.stage or "")
            if ends is None or any(one.stage in ends and one.surely_follows(entry) for one in entries):
                continue
            line = line_for(kind.name, nation, entry.latest_day)
            if line is None:
                continue
            latest = line.due(entry.latest_day)
            found.append(
                Deadline(
                    kind=kind.name,
                    entry=entry,
                    line=line,
                    due_on=None if entry.day is None else latest,
                    latest=latest,
                    overdue=latest < today,
                    exceptions=kind.exceptions,
                )
            )
    return sorted(found, key=lambda one: (one.latest, one.kind, one.entry.id))
