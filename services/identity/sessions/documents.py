"""Sign-ins: of failed ones the login's HMAC and a count, for a quarter of an hour; of each person the last good one."""

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
SIGN_INS = "sign_ins"
# Beside the person, not in them: signing in changes nothing that an administrator may be looking at.
SIGN_IN = DocumentType(
    collection=SIGN_INS,
    fields=(
        Field(name="last_at", holds=Holds.INSTANT, missing=None),
        Field(name="ended_at", holds=Holds.INSTANT, missing=None),
    ),
)
TYPES = (FAILURE, SIGN_IN)

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


class SignInStore:
    """When each person last signed in, and up to when their sessions were ended; real time."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def note(self, user_id: str, at: datetime) -> None:
        """Keep when somebody signed in."""
        self._change(user_id, last_at=at)

    def end(self, user_id: str, at: datetime) -> None:
        """Keep that no session that began by then is renewed."""
        self._change(user_id, ended_at=at)

    def _change(self, user_id: str, **values: datetime) -> None:
        known = self._work.find(SIGN_INS, user_id) or {"_id": user_id, "last_at": None, "ended_at": None}
        self._work.save(SIGN_INS, SIGN_IN.changed(known, **values))
