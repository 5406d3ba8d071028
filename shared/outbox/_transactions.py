"""One MongoDB transaction with every wait bounded, and what its errors mean for whoever ran it.

Promise: a commit whose answer was lost is asked for again, as the same commit, so that no caller has to
run its work a second time (``tests/kernel/test_committer.py``).

Limit: a commit that stays unanswered to the end leaves its outcome unknown (``is_unknown``); only work that
recognises itself, by an idempotency key or an inbox row, may then be run again.
"""

import contextlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import ConnectionFailure, PyMongoError, WaitQueueTimeoutError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.kernel.clock import boot_seconds
from shared.kernel.errors import TemporarilyUnavailableError

TRANSACTION_LIMIT_S = 10.0
"""The work of a transaction is cut after this; marks rely on it (``shared.outbox._marks``)."""
COMMIT_LIMIT_S = 10.0
"""A commit is asked for again until this is over."""

_ABORT_LIMIT_S = 2.0
_UNKNOWN = "UnknownTransactionCommitResult"
_TRANSIENT = "TransientTransactionError"
_CUT_BY_SERVER = frozenset({50, 262})
"""MaxTimeMSExpired and ExceededTimeLimit: what MongoDB says of work that took too long."""
_PAUSES_S = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4)


class WriteConflictError(TemporarilyUnavailableError):
    """Another transaction changed the same entry at the same moment; nothing was done. Repeating helps; HTTP 503."""

    code = "write-conflict"

    def __init__(self, collection: str | None = None) -> None:
        """Keep the collection, for whoever must tell a key in flight from a busy entry."""
        super().__init__(
            "Somebody else was changing the same entry at the same moment, so nothing was done. Repeat the request "
            "with "
            "the same Idempotency-Key."
        )
        self.collection = collection


@contextmanager
def transaction(client: MongoClient[dict[str, Any]]) -> Iterator[ClientSession]:
    """Open a session with one snapshot transaction, committed with ``w: majority`` and ``j`` left unset.

    Raises:
        PyMongoError: See ``is_conflict``, ``is_away`` and ``is_unknown``.
    """
    with client.start_session() as session:
        session.start_transaction(
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority"),
            max_commit_time_ms=int(COMMIT_LIMIT_S * 1000),
        )
        try:
            with pymongo.timeout(TRANSACTION_LIMIT_S):
                yield session
        except BaseException:
            _abort(session)
            raise
        if session.in_transaction:
            _commit(session)


def _abort(session: ClientSession) -> None:
    if session.in_transaction:
        with contextlib.suppress(PyMongoError), pymongo.timeout(_ABORT_LIMIT_S):
            session.abort_transaction()


def _commit(session: ClientSession) -> None:
    deadline = boot_seconds() + COMMIT_LIMIT_S
    attempt = 0
    with pymongo.timeout(COMMIT_LIMIT_S):
        while True:
            try:
                session.commit_transaction()
            except PyMongoError as error:
                if not is_unknown(error) or boot_seconds() >= deadline:
                    raise
                pause(attempt)
                attempt += 1
            else:
                return


def pause(attempt: int) -> None:
    """Wait a moment before another attempt; longer each time, and not the same for two that met."""
    time.sleep(_PAUSES_S[min(attempt, len(_PAUSES_S) - 1)] * random.uniform(0.5, 1.5))  # noqa: S311


def is_unknown(error: BaseException | None) -> bool:
    """Whether nobody can say if the transaction was committed."""
    return isinstance(error, PyMongoError) and error.has_error_label(_UNKNOWN)


def is_away(error: BaseException | None) -> bool:
    """Whether the database did not answer, or not in time."""
    if isinstance(error, ConnectionFailure | WaitQueueTimeoutError):
        return True
    return isinstance(error, PyMongoError) and (error.timeout or getattr(error, "code", None) in _CUT_BY_SERVER)


def is_conflict(error: BaseException | None) -> bool:
    """Whether another transaction stood in the way, so that the same work may pass the next time."""
    if isinstance(error, WriteConflictError):
        return True
    return isinstance(error, PyMongoError) and error.has_error_label(_TRANSIENT) and not is_away(error)
