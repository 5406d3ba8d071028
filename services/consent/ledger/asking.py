"""How often a survivor is asked again after a no, a deferral, or once their year has passed; pure.

Source: domain reference 14.6.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.consent.ledger.errors import AskedBeforeTheirDayError, AskedTooOftenError, AskedTooSoonError
from services.consent.ledger.standing import DEFERRED, EFFECTIVE, EXPIRED, REFUSED, REQUESTED, WITHDRAWN, Entry

ASK_AGAIN_AFTER = timedelta(days=90)
MOST_ASKED_AGAIN = 2
"""At most twice, each time after 90 days."""

_LIMITED = frozenset({REFUSED, WITHDRAWN, EXPIRED})


def check_asking(entries: Iterable[Entry], entry: Entry) -> None:
    """Check that a survivor who said no, or whose year passed, is asked again seldom and late enough.

    Raises:
        AskedTooSoonError, AskedTooOftenError, AskedBeforeTheirDayError: They are not to be asked now.
    """
    entries = [line for line in entries if not line.superseded]
    ended: datetime | None = None
    last: datetime | None = None
    asked = 0
    for line in entries:
        if line.status in EFFECTIVE and (ended is None or line.said_at >= ended):
            ended, last, asked = None, None, 0
        elif line.status in _LIMITED:
            ended = max(line.said_at, ended or line.said_at)
            last = max(ended, last or ended)
        elif line.status == REQUESTED and ended is not None and line.said_at >= ended:
            last, asked = max(line.said_at, last or line.said_at), asked + 1
    put_off = entries[-1].terms.ask_from if entries and entries[-1].status == DEFERRED else None
    if put_off is not None and entry.said_at < put_off:
        raise AskedBeforeTheirDayError(put_off)
    if ended is None or last is None or entry.said_at < ended:
        return
    if asked >= MOST_ASKED_AGAIN:
        raise AskedTooOftenError
    if entry.said_at < last + ASK_AGAIN_AFTER:
        raise AskedTooSoonError(last + ASK_AGAIN_AFTER)
