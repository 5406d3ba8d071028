"""Of what a copy is made: a question to each service, what is left out, and that it was found safe and given; pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

ANSWERS_WITHIN = timedelta(days=1)
MOST_ASKED = 500
"""How often one service is asked at most; with the pauses, three weeks."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One service, and its part.

    Attributes:
        id: Random; another one whenever the part is collected again.
        wrote: Who wrote each thing of the part, by random ids.
        looked_by: Who read it through.
    """

    id: str
    party: str
    due_at: datetime
    asked: int
    asked_at: datetime
    answered_at: datetime | None = None
    wrote: tuple[tuple[str, ...], ...] = ()
    looked_by: str | None = None
    looked_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still wants an answer."""
        return self.answered_at is None

    def asks_again_at(self) -> datetime | None:
        """Say when it is asked again; None for an answer, and after the last time."""
        if not self.is_open or self.asked >= MOST_ASKED:
            return None
        pause: timedelta = _FIRST_PAUSE * (1 << min(self.asked - 1, 10))
        return self.asked_at + min(pause, _LONGEST_PAUSE)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Things of one part that are left out, once a second person agreed.

    Attributes:
        numbers: Of the things in their part, from 1; none for the whole part.
        reason: A code of the list ``access_left_out``.
    """

    id: str
    party: str
    numbers: tuple[int, ...]
    reason: str
    asked_by: str
    asked_at: datetime
    agreed_by: str | None = None
    agreed_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether a second person has not agreed yet."""
        return self.agreed_at is None

    def leaves_out(self, number: int) -> bool:
        """Whether it is about a thing."""
        return not self.numbers or number in self.numbers


@dataclass(frozen=True, kw_only=True)
class SafeCheck:
    """Somebody asked whether it is safe for them to have it."""

    by: str
    on: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Given:
    """It was given, and how; a code of the list ``rights_told``."""

    how: str
    by: str
    at: datetime
