"""How often a survivor is asked again after a no, or once their year has passed; pure. Source: reference 14.6."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.consent.ledger.errors import AskedTooOftenError, AskedTooSoonError
from services.consent.ledger.standing import EFFECTIVE, EXPIRED, REFUSED, REQUESTED, WITHDRAWN, Entry

ASK_AGAIN_AFTER = timedelta(days=90)
MOST_ASKED_AGAIN = 2
"""At most twice, each time after 90 days."""

_LIMITED = frozenset({REFUSED, WITHDRAWN, EXPIRED})


def check_asking(entries: Iterable[Entry], entry: Entry) -> None:
    """Check that a survivor who said no, or whose year passed, is asked again seldom and late enough.

    Raises:
        AskedTooSoonError, AskedTooOftenError: They are not to be asked now.
    """
    ended: datetime | None = None
    last: datetime | None = None
    asked = 0
    for line in entries:
        if line.superseded:
            continue
        if line.status in EFFECTIVE and (ended is None or line.said_at >= ended):
            ended, last, asked = None, None, 0
        elif line.status in _LIMITED:
            ended = max(line.said_at, ended or line.said_at)
            last = max(ended, last or ended)
        elif line.status == REQUESTED and ended is not None and line.said_at >= ended:
            last, asked = max(line.said_at, last or line.said_at), asked + 1
    if ended is None or last is None or entry.said_at < ended:
        return
    if asked >= MOST_ASKED_AGAIN:
        raise AskedTooOftenError
    if entry.said_at < last + ASK_AGAIN_AFTER:
        raise AskedTooSoonError(last + ASK_AGAIN_AFTER)
