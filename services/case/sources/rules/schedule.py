"""When a source is read: once a day at a time in London, and again soon where a fault may pass by itself.

Promise: an hour that London's clocks leave out or have twice is one reading a day. Shown by
tests/unit/case/test_source_rules.py.
"""

import re
from datetime import UTC, datetime, time, timedelta

from shared.codelists.periods import LONDON

INTERVAL = timedelta(days=1)
MISSED = 2 * INTERVAL
"""A source that was not read for so long is red: silence is never "up to date"."""

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""How long after a fault that may pass it is tried again; after the last of these it waits for its next day."""

TIME_OF_DAY = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def next_daily(at: str, now: datetime) -> datetime:
    """Give the next instant after now at which it is this time of day in London.

    Args:
        at: Such as ``02:30``.
        now: With a zone.
    """
    wanted = time.fromisoformat(at)
    today = now.astimezone(LONDON).date()
    for days in range(3):
        found = datetime.combine(today + timedelta(days=days), wanted, tzinfo=LONDON).astimezone(UTC)
        if found > now:
            return found
    raise ValueError(at)


def retry_at(tries: int, now: datetime) -> datetime | None:
    """Give when to try again after so many tries in a row; None where it waits for its next day."""
    return now + RETRY_AFTER[tries - 1] if 0 < tries <= len(RETRY_AFTER) else None
