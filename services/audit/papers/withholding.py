"""Leaving entries out of a person's paper for a time: two people, a reason, and an end; no database and no clock.

Promise: nothing is left out before a second person agreed, and nothing after its end, whether or not anybody looks;
neither of the two did what is left out. Shown by tests/unit/audit/test_withholding.py.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.audit.papers.errors import SecondReaderError, WithholdingMisstatedError, WithholdingStateError

LONGEST = timedelta(days=183)
MOST_ENTRIES = 50
WAITING, WITHHELD, SHOWN_AGAIN = "WAITING", "WITHHELD", "SHOWN_AGAIN"
STATES = (WAITING, WITHHELD, SHOWN_AGAIN)

_END = f"Choose an end that is still to come, at most {LONGEST.days} days from now. It can be asked for again then."
_OWN = "You did some of this yourself. Somebody else has to judge whether it is left out."
_SAME = "You asked for this, so somebody else has to agree: another data protection officer, or a supervisor."
_AGREED = "A second person agreed to this already."
_OVER = "This has ended; the entries are shown. Ask again if they have to be left out once more."


@dataclass(frozen=True, kw_only=True)
class Withholding:
    """Entries that are left out of one person's paper.

    Attributes:
        reason: A code of the list ``withholding_reason``.
        until: From then on they are shown again.
    """

    id: str
    survivor_id: str
    entry_ids: tuple[str, ...]
    reason: str
    until: datetime
    asked_by: str
    asked_at: datetime
    updated_at: datetime
    agreed_by: str | None = None
    agreed_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    version: int = 0

    def state_at(self, now: datetime) -> str:
        """Say whether it waits for a second person, holds, or is over."""
        if self.ended_at is not None or now >= self.until:
            return SHOWN_AGAIN
        return WAITING if self.agreed_at is None else WITHHELD

    def agreed(self, by: str, now: datetime, *, did: Collection[str]) -> "Withholding":
        """Let a second person agree.

        Args:
            did: Who did what is left out.

        Raises:
            WithholdingStateError, SecondReaderError: Nothing is left out.
        """
        self._check_not_over(now)
        if self.agreed_at is not None:
            raise WithholdingStateError(_AGREED)
        if by == self.asked_by:
            raise SecondReaderError(_SAME)
        check_not_their_own(by, did)
        return replace(self, agreed_by=by, agreed_at=now)

    def ended(self, by: str, now: datetime) -> "Withholding":
        """Show the entries again before the end; one person is enough for that.

        Raises:
            WithholdingStateError: It is over.
        """
        self._check_not_over(now)
        return replace(self, ended_by=by, ended_at=now)

    def _check_not_over(self, now: datetime) -> None:
        if self.state_at(now) == SHOWN_AGAIN:
            raise WithholdingStateError(_OVER)


def check_end(until: datetime, now: datetime) -> None:
    """Check an end.

    Raises:
        WithholdingMisstatedError: It is over, or too far away.
    """
    if not now < until <= now + LONGEST:
        raise WithholdingMisstatedError("#/until", _END)


def check_not_their_own(who: str, did: Collection[str]) -> None:
    """Let nobody hide what they did.

    Raises:
        SecondReaderError: They did some of it.
    """
    if who in did:
        raise SecondReaderError(_OWN)
