"""Of one ledger: when to talk about it again and why, and until when a yes would be too early; pure.

Promise: nobody is talked with again for the same reason twice: before an end once it is near, after a yes with support
once, and after they could not decide once that has been asked anew. Shown by tests/unit/consent/test_timers.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import EFFECTIVE, GIVEN, NO_CAPACITY, Entry
from services.consent.ledger.terms import NOT_ESTABLISHED
from services.consent.timers.policy import Timers

ENDS_SOON, GIVEN_WITH_SUPPORT, CAPACITY_AGAIN = "ENDS_SOON", "GIVEN_WITH_SUPPORT", "CAPACITY_AGAIN"
_WITH_SUPPORT = "DECIDED_WITH_SUPPORT"


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A talk that is due.

    Attributes:
        at: From when.
        until: When the yes ends that it is about; None where there is none.
    """

    why: str
    at: datetime
    until: datetime | None


def talk_of(consent: Consent, timers: Timers) -> Talk | None:
    """Give the talk that comes next of a ledger; None where there is none to have."""
    line, until = consent.current, consent.until
    if line is None:
        return None
    if consent.status == NO_CAPACITY:
        return Talk(why=CAPACITY_AGAIN, at=line.said_at + timers.capacity, until=None)
    if consent.status not in EFFECTIVE or until is None:
        return None
    # A yes for a shorter time than the notice is talked about from the day on which it was said.
    ends = Talk(why=ENDS_SOON, at=max(until - timers.before, line.said_at), until=until)
    if line.status == GIVEN and line.terms.capacity == _WITH_SUPPORT:
        confirm = Talk(why=GIVEN_WITH_SUPPORT, at=line.said_at + timers.confirm, until=until)
        return min(ends, confirm, key=lambda one: one.at)
    return ends


def too_early_until(entries: Iterable[Entry], timers: Timers) -> datetime | None:
    """Say until when no yes is taken, since they could not decide a moment ago; None where they could.

    Also where it was found beside another answer: a no, or putting it off.
    """
    found = [line.said_at for line in entries if _could_not_decide(line) and not line.superseded]
    return max(found) + timers.cooling if found else None


def _could_not_decide(line: Entry) -> bool:
    return line.status == NO_CAPACITY or line.terms.capacity == NOT_ESTABLISHED
