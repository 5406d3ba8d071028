"""How often a survivor is asked again after a no, a deferral, or once their year has passed; pure.

Source: domain reference 14.6.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.consent.ledger.errors import AskedBeforeTheirDayError, AskedTooOftenError, AskedTooSoonError
from services.consent.ledger.standing import DIRECT, EFFECTIVE, EXPIRED, REFUSED, REQUESTED, WITHDRAWN, Entry

ASK_AGAIN_AFTER = timedelta(days=90)
MOST_ASKED_AGAIN = 2
"""At most twice, each time after 90 days."""

_LIMITED = frozenset({REFUSED, WITHDRAWN, EXPIRED})


def check_asking(entries: Iterable[Entry], at: datetime) -> None:
    """Check that a survivor who said no, put it off, or whose year passed, is asked again seldom and late enough.

    A day that they named holds until they name another or say a yes that counts: putting it off again without one does
    not take it back. Where two days hold, the later one is told.

    Raises:
        AskedTooSoonError, AskedTooOftenError, AskedBeforeTheirDayError: They are not to be asked now.
    """
    ended: datetime | None = None
    last: datetime | None = None
    put_off: datetime | None = None
    asked = 0
    for line in entries:
        if line.superseded:
            continue
        if line.status in EFFECTIVE and _counts(line, ended):
            ended, last, put_off, asked = None, None, None, 0
        elif line.status in _LIMITED:
            ended = max(line.said_at, ended or line.said_at)
            last = max(ended, last or ended)
        elif line.status == REQUESTED and ended is not None and line.said_at >= ended:
            last, asked = max(line.said_at, last or line.said_at), asked + 1
        put_off = line.terms.ask_from or put_off
    limited = ended is not None and at >= ended
    if limited and asked >= MOST_ASKED_AGAIN:
        raise AskedTooOftenError
    soonest = last + ASK_AGAIN_AFTER if limited and last is not None else None
    if soonest is not None and at < soonest and (put_off is None or put_off <= soonest):
        raise AskedTooSoonError(soonest)
    if put_off is not None and at < put_off:
        raise AskedBeforeTheirDayError(put_off)


def _counts(line: Entry, ended: datetime | None) -> bool:
    """Whether a yes was said after the no before it; a file's yes of that very day is none (``Standing.outlives``)."""
    return ended is None or line.said_at > ended or (line.source == DIRECT and line.said_at == ended)


def asked_from(entries: Iterable[Entry], now: datetime) -> tuple[datetime | None, bool]:
    """Say from when one may ask, None for now, and whether they are never to be asked again."""
    try:
        check_asking(entries, now)
    except AskedTooOftenError:
        return None, True
    except (AskedBeforeTheirDayError, AskedTooSoonError) as error:
        return error.not_before, False
    return None, False
