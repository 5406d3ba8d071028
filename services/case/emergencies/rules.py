"""Emergency access as plain rules: an hour, a few a day, never whoever is named, and a review by somebody else.

Promise: what is opened closes after an hour; nobody opens more than three records a day or tries more than five that
show nothing; whoever opened it never reviews it; a review is due after three working days of the host's nation. Shown
by tests/unit/case/test_emergency_rules.py. Source: ADR 0073; UK GDPR Art 6(1)(d), Art 5(1)(c) and 5(2).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.case.emergencies.errors import (
    EmergencyOverError,
    EmergencyReviewedError,
    EmergencyTooOftenError,
    NotNamedError,
    OwnEmergencyError,
)
from shared.codelists.working_days import bank_holidays
from shared.kernel.standing import Standing

OPEN, REVIEWED = "OPEN", "REVIEWED"
STATES = (OPEN, REVIEWED)
HOLDS, ENDED = "HOLDS", "ENDED"
OPEN_FOR = timedelta(hours=1)
MOST_A_DAY, MOST_MISSED_A_DAY = 3, 5
REVIEW_DAYS = 3
LONGEST = 2_000
"""Letters of why, and of what a review found."""

_ONE_DAY = timedelta(days=1)
_BEGINS = "EMERGENCY_"
WHYS = tuple(one.removeprefix(_BEGINS) for one in Standing if one.startswith(_BEGINS))
"""Codes of the list ``vital_interest`` for which a person opens a record; an alarm of a visit has a way of its own."""


def standing_for(why: str) -> Standing:
    """Give how whoever opens for a reason stands to the person, which audit keeps with each look."""
    return Standing(f"{_BEGINS}{why}")


def review_by(opened_on: date, nation: str) -> date:
    """Give the last day on which somebody else is to look at it."""
    day, calendar = opened_on, bank_holidays()
    for _ in range(REVIEW_DAYS):
        day = calendar.working_day(day + _ONE_DAY, nation)
    return day


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """One record that was opened by somebody who does not act on the person.

    Attributes:
        why: A code of the list ``vital_interest``.
        words: What happened, as whoever opened it says; sealed.
        until: When it closes.
        review_by: The last day on which somebody else is to look at it.
        outcome: What they found; a code of the list ``emergency_outcome``.
        said: What they say to it; sealed.
    """

    id: str
    survivor_id: str
    why: str
    words: str | None
    actor_id: str
    role: str
    opened_at: datetime
    until: datetime
    review_by: date
    state: str = OPEN
    outcome: str | None = None
    said: str | None = None
    reviewed_by: str | None = None
    reviewed_role: str | None = None
    reviewed_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def check_open(self, now: datetime) -> None:
        """Check that its hour is not over.

        Raises:
            EmergencyOverError: It is.
        """
        if now >= self.until:
            raise EmergencyOverError

    def is_overdue(self, today: date) -> bool:
        """Whether nobody looked at it in time."""
        return self.state == OPEN and self.review_by < today

    def reviewed(self, outcome: str, *, by: str, role: str, at: datetime) -> "Emergency":
        """Note what somebody else found.

        Raises:
            EmergencyReviewedError, OwnEmergencyError: Nothing changes.
        """
        if self.state == REVIEWED:
            raise EmergencyReviewedError
        if by == self.actor_id:
            raise OwnEmergencyError
        return replace(self, state=REVIEWED, outcome=outcome, reviewed_by=by, reviewed_role=role, reviewed_at=at)


@dataclass(frozen=True, kw_only=True)
class Never:
    """Somebody of staff who never opens this person's record in an emergency: a no by name.

    Attributes:
        ground: A code of the list ``emergency_never``.
    """

    id: str
    survivor_id: str
    staff_id: str
    ground: str
    state: str = HOLDS
    named_by: str
    named_role: str
    named_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def ended(self, *, by: str, at: datetime) -> "Never":
        """End it.

        Raises:
            NotNamedError: It was ended.
        """
        if self.state == ENDED:
            raise NotNamedError
        return replace(self, state=ENDED, ended_by=by, ended_at=at)


@dataclass(frozen=True, kw_only=True)
class Tries:
    """How often one person opened, and tried in vain, on one day; its id is theirs."""

    id: str
    day: date
    opened: int = 0
    missed: int = 0
    version: int = 0

    def check(self, today: date) -> None:
        """Refuse whoever had as many as there are today, whatever is asked for.

        Raises:
            EmergencyTooOftenError: They did.
        """
        today_s = self.on(today)
        if today_s.opened >= MOST_A_DAY or today_s.missed >= MOST_MISSED_A_DAY:
            raise EmergencyTooOftenError

    def on(self, today: date) -> "Tries":
        """Give what counts today; another day's counts no more."""
        return self if self.day == today else replace(self, day=today, opened=0, missed=0)
