"""When somebody goes, and by when the first word must come: plain rules, no database and no clock.

Shown by tests/unit/case/test_visit_rules.py.
"""

from datetime import datetime, timedelta

from services.case.visits.errors import VisitMisplannedError

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=12)
AHEAD, LATE_TO_SAY = timedelta(days=31), timedelta(hours=2)
LEAST_EVERY, MOST_EVERY = 15, 240
"""Minutes between two words that they are safe."""


def first_due(from_at: datetime, until_at: datetime, every_minutes: int | None) -> datetime:
    """Give by when the first word must come."""
    return until_at if every_minutes is None else min(until_at, from_at + timedelta(minutes=every_minutes))


def check_times(from_at: datetime, until_at: datetime, now: datetime) -> None:
    """Refuse times in which nobody goes out.

    Raises:
        VisitMisplannedError: It began long ago, lies far ahead, is over already, or is too short or too long.
    """
    if not now - LATE_TO_SAY <= from_at <= now + AHEAD:
        raise VisitMisplannedError("from_at", "Give when you go: at most two hours ago, and within the next 31 days.")
    if until_at <= now or not SHORTEST <= until_at - from_at <= LONGEST:
        raise VisitMisplannedError(
            "until_at", "Give when you will be back: later than now, and between 5 minutes and 12 hours after you go."
        )
