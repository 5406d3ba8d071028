"""What sign-ins leave: failures are counted, sessions and refusals audited; each function is one transaction."""

from datetime import datetime, timedelta

from services.identity.sessions.documents import FailureStore, SignInStore
from shared.kernel.messages import AuditIntent
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork

SIGN_IN = "identity:session:open"
COMMIT_WITHIN_S = 5.0
"""Seconds for noting a sign-in; with the turn and the read before it a caller waits less than ten."""

_NOBODY, _NO_ROLE = "nobody", "NONE"


def note_failure(
    login_index: str, work: UnitOfWork, *, known_as: str | None, real_time: datetime, window: timedelta
) -> Answer:
    """Count a failed sign-in, of a known login or not, and audit it."""
    FailureStore(work).add(login_index, at=real_time, window=window)
    return note_refusal(known_as, work)


def note_refusal(known_as: str | None, work: UnitOfWork) -> Answer:
    """Audit a sign-in that was refused; nobody is signed in, so nobody is its actor.

    Where the login is nobody's, it is only counted: a flood of invented names must not fill the record.
    """
    if known_as is None:
        FailureStore(work).count_unknown()
    else:
        _audit(work, actor_id=_NOBODY, role=_NO_ROLE, object_id=known_as, outcome="REFUSED")
    return Answer(status=400)


def audit_unknown(work: UnitOfWork) -> Answer:
    """Audit how many sign-ins named nobody since the last time, in one line; nothing if there were none."""
    count = FailureStore(work).take_unknown()
    if count:
        _audit(work, actor_id=_NOBODY, role=_NO_ROLE, object_id="unknown", outcome="REFUSED", count=count)
    return Answer(status=200)


def note_sign_in(actor_id: str, work: UnitOfWork, *, role: str, login_index: str | None, real_time: datetime) -> Answer:
    """Forget the failures of a login that signed in, keep when, and audit the session; a machine has no login."""
    if login_index is not None:
        FailureStore(work).clear(login_index)
        SignInStore(work).note(actor_id, real_time)
    _audit(work, actor_id=actor_id, role=role, object_id=actor_id, outcome="ALLOWED")
    return Answer(status=200)


def _audit(
    work: UnitOfWork, *, actor_id: str, role: str, object_id: str, outcome: str, count: int | None = None
) -> None:
    work.audit(
        AuditIntent(
            action=SIGN_IN,
            actor_id=actor_id,
            role=role,
            object_id=object_id,
            outcome=outcome,
            at=work.now,
            count=count,
        )
    )
