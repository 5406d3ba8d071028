"""How a survivor sees each outcome, and the paired change; what they gained: plain rules, no database and no clock.

Promise: a change is that of the first and the newest answer that the survivor gave on the scale, alone or with their
advocate; never one with an answer that is none, never an advocate's own view, and none of the outcomes that describe
services. Shown by tests/unit/case/test_outcome_rules.py. Source: ADR 0059.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from services.case.outcomes.kept import Kept, standing
from shared.codelists.lists import get

SCALE = ("NOT_AT_ALL", "A_LITTLE", "PARTLY", "MOSTLY", "FULLY")
"""The answers that can be compared, the lowest first; each other code of the list is an answer, and none on it."""
NOT_ASKED = "NOT_ASKED"
BY_SURVIVOR = ("SURVIVOR", "SURVIVOR_WITH_ADVOCATE")
OF_SERVICES = ("MSCOS_1_LONG_TERM_CONSISTENT_SUPPORT", "MSCOS_7_COMPASSIONATE_TRAUMA_INFORMED_SERVICES")
"""Outcomes that describe how services are: nobody's progress, so they have no change."""
IMPROVED, SAME, LOWER = "IMPROVED", "SAME", "LOWER"
CHANGES = (IMPROVED, SAME, LOWER)


@dataclass(frozen=True, kw_only=True)
class Rating(Kept):
    """How one outcome is seen at one point.

    Attributes:
        rating: A code of ``outcome_scale``.
        rated_by: Who said it.
        point: At which point of support.
        asked: How they were asked; None where nobody said.
        on: The day on which they were asked; None where nobody said.
    """

    SAID: ClassVar[tuple[str, ...]] = ("outcome", "rating", "rated_by", "point", "asked", "on")
    MAY_BE_CLEARED: ClassVar[tuple[str, ...]] = ("asked", "on")

    outcome: str
    rating: str
    rated_by: str
    point: str
    asked: str | None = None
    on: date | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the survivor answered on the scale."""
        return self.rated_by in BY_SURVIVOR and self.rating in SCALE


@dataclass(frozen=True, kw_only=True)
class Entitlement(Kept):
    """A right or an entitlement that the survivor gained.

    Attributes:
        entitlement: A code of ``entitlement``.
        on: The day on which they had it; None where nobody knows.
        goal_id: The goal to which it belongs; None for none.
    """

    SAID: ClassVar[tuple[str, ...]] = ("entitlement", "on", "goal_id")
    MAY_BE_CLEARED: ClassVar[tuple[str, ...]] = ("on", "goal_id")

    entitlement: str
    on: date | None = None
    goal_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One outcome, from the first to the newest answer.

    Attributes:
        first, newest: Answers on the scale; the same one where they answered once, None where they never did.
        change: One of ``CHANGES``; None where two answers are lacking, or the outcome describes services.
        last: The newest of all that was said of it by the survivor, an answer on the scale or not.
    """

    outcome: str
    first: Rating | None
    newest: Rating | None
    change: str | None
    last: Rating | None


def changes(ratings: Sequence[Rating]) -> list[Change]:
    """Give each outcome of the list with its pair, out of everything that was written of one support."""
    stand = [one for one in standing(ratings) if one.rated_by in BY_SURVIVOR]
    return [_change(code, [one for one in stand if one.outcome == code]) for code in get("outcome").codes]


def _change(outcome: str, said: Sequence[Rating]) -> Change:
    answered = [one for one in said if one.is_answered]
    first, newest = (answered[0], answered[-1]) if answered else (None, None)
    return Change(
        outcome=outcome,
        first=first,
        newest=newest,
        change=None if outcome in OF_SERVICES else direction(first, newest),
        last=said[-1] if said else None,
    )


def direction(first: Rating | None, newest: Rating | None) -> str | None:
    """Compare two answers; None where there are not two that can be compared."""
    if first is None or newest is None or first.id == newest.id or not (first.is_answered and newest.is_answered):
        return None
    before, now = SCALE.index(first.rating), SCALE.index(newest.rating)
    return SAME if before == now else IMPROVED if now > before else LOWER


def review_day(ratings: Sequence[Rating], *, weeks: int, today: date) -> date:
    """Give the day on which to ask again: by the rhythm after the last time, and never a day that is over."""
    # That somebody was not asked is no asking, also where their advocate wrote it down.
    days = [one.day for one in standing(ratings) if one.rated_by in BY_SURVIVOR and one.rating != NOT_ASKED]
    return max(today, max(days) + timedelta(weeks=weeks)) if days else today
