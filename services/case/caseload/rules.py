"""How full a caseload is, who takes over from whom, and on which days: plain rules, no database and no clock.

Promise: a cover has a first day that is not over and a last one at most a year later; the gauge says in words what its
bar shows. Shown by tests/unit/case/test_caseload_rules.py. Source: ADR 0060.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.case.caseload.errors import CoverDaysError

GIVE, COVER = "GIVE", "COVER"
KINDS = (GIVE, COVER)
MOVED, NOT_THEIRS, ACTS_ALREADY, TOO_MANY_COVERS = "MOVED", "NOT_THEIRS", "ACTS_ALREADY", "TOO_MANY_COVERS"
RESTRICTED = "RESTRICTED"
RESULTS = (MOVED, NOT_THEIRS, ACTS_ALREADY, TOO_MANY_COVERS, RESTRICTED)
"""Of each person: it was done; this advocate does not have them any more, or they are not here; the other one may act
on them already; as many cover as may; the use of their record is restricted, so nobody comes to read it by this."""

MOST_AT_ONCE = 100
"""People of one move: its transaction stays short."""
MOST_COVERS = 10
"""Covers of one person at once, begun or to come."""
LONGEST_DAYS = 366
MOST_LIMIT = 500

ROOM, FULL, OVER, UNSTATED = "ROOM", "FULL", "OVER", "UNSTATED"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a move for one person."""

    survivor_id: str
    result: str


@dataclass(frozen=True, kw_only=True)
class Move:
    """People whom a supervisor gave to another advocate, for good or for an absence.

    Attributes:
        results: Of each person.
        first_on, last_on: Of a cover, its days; None of what is for good.
        ended_on: Of a cover that was ended by hand, the day; it holds from that moment.
    """

    id: str
    kind: str
    from_id: str
    to_id: str
    results: tuple[Result, ...]
    first_on: date | None = None
    last_on: date | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    moved_by: str
    moved_at: datetime
    updated_at: datetime
    version: int = 0

    def is_open(self, today: date) -> bool:
        """Whether it is a cover that still holds or is to come."""
        return self.last_on is not None and self.last_on >= today and self.ended_at is None

    @property
    def moved(self) -> int:
        """For how many it was done."""
        return sum(one.result == MOVED for one in self.results)

    @property
    def left(self) -> int:
        """For how many it was not."""
        return len(self.results) - self.moved


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How many people an advocate of this host supports at most.

    Attributes:
        people: None where the host states none any more.
    """

    id: str
    people: int | None
    stated_by: str
    updated_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Load:
    """One advocate's caseload.

    Attributes:
        is_active: Whether they are an active advocate here; who is not should have nobody.
        supported: People whose support goes on.
        waiting: People whose support has not begun.
        overdue: Steps past their day, of all these people.
        questions: What a supervisor asked about their contacts that nobody has answered.
    """

    advocate_id: str
    is_active: bool
    supported: int = 0
    waiting: int = 0
    overdue: int = 0
    questions: int = 0


def check_days(first_on: date, last_on: date, today: date) -> None:
    """Check the days of a cover.

    Raises:
        CoverDaysError: The first one is over, or the last one comes before it or more than a year after it.
    """
    if first_on < today:
        raise CoverDaysError("first_on", LONGEST_DAYS)
    if not first_on <= last_on <= first_on + timedelta(days=LONGEST_DAYS):
        raise CoverDaysError("last_on", LONGEST_DAYS)


def fullness(supported: int, limit: int | None) -> str:
    """Say how full a caseload is."""
    if limit is None:
        return UNSTATED
    if supported == limit:
        return FULL
    return OVER if supported > limit else ROOM


def busiest_first(loads: Sequence[Load]) -> list[Load]:
    """Sort a team: who left and still has people, then who supports most."""
    return sorted(loads, key=lambda one: (one.is_active, -one.supported, -one.overdue, one.advocate_id))
