"""Failed sign-ins: the login's HMAC and a count, for a quarter of an hour; and how many named nobody."""

from datetime import datetime, timedelta

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

FAILURES = "failures"
FAILURE = DocumentType(
    collection=FAILURES,
    fields=(
        Field(name="count", holds=Holds.COUNT),
        # What counts those who named nobody has none, and stays.
        Field(name="expires_at", holds=Holds.INSTANT, missing=None),
    ),
    indexes=(IndexModel([("expires_at", 1)], expireAfterSeconds=0),),
)
TYPES = (FAILURE,)

_UNKNOWN = "unknown-sign-ins"  # No login's HMAC: those are hexadecimal.


class FailureStore:
    """Failed sign-ins of one login within one window of real time."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def add(self, login_index: str, *, at: datetime, window: timedelta) -> None:
        """Count one more; the window begins with the first."""
        known = self._work.find(FAILURES, login_index)
        if known is None or known["expires_at"] <= at:
            known = FAILURE.changed({"_id": login_index}, count=0, expires_at=at + window)
        self._work.save(FAILURES, FAILURE.changed(known, count=known["count"] + 1))

    def count_unknown(self) -> None:
        """Count a sign-in that named nobody."""
        counted = self._work.find(FAILURES, _UNKNOWN) or {"_id": _UNKNOWN, "count": 0}
        self._work.save(FAILURES, FAILURE.changed(counted, count=counted["count"] + 1))

    def take_unknown(self) -> int:
        """Give how many were counted, and begin anew."""
        counted = self._work.find(FAILURES, _UNKNOWN)
        if counted is None or not counted["count"]:
            return 0
        self._work.replace(FAILURES, FAILURE.changed(counted, count=0))
        return int(counted["count"])

    def clear(self, login_index: str) -> None:
        """Forget them."""
        if self._work.find(FAILURES, login_index) is not None:
            self._work.delete(FAILURES, login_index)
