"""The committer: puts waiting commands of one tenant and service into one transaction.

It takes what is there, up to a limit, with no timer; so it costs nothing when idle. Each command keeps
its own version check, idempotency row and answer; answers leave after the commit. Two commands on one
aggregate, or with one idempotency key, never share a group. Any failure re-runs the group one by one, so
no command fails for another's sake.

Limit: a handler may run more than once, so it makes no side effect but through its unit of work.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, DuplicateKeyError, OperationFailure, PyMongoError, WTimeoutError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.kernel.clock import Now
from shared.kernel.errors import (
    AlongsideError,
    InvalidInputError,
    RuleViolationError,
    TemporarilyUnavailableError,
)
from shared.kernel.tenancy import TenantId
from shared.outbox.overload import OverloadedError
from shared.outbox.unit_of_work import Document, UnitOfWork
from shared.telemetry.metric_names import COMMANDS, COMMIT_DURATION, COMMIT_GROUP_SIZE, COMMIT_RERUNS
from shared.telemetry.metrics import counter, histogram
from shared.telemetry.traces import current_traceparent, start_batch_span

GROUP_LIMIT = 100
TRANSACTION_LIMIT_S = 10.0
IDEMPOTENCY_LIFETIME = timedelta(hours=24)
QUEUE_S = 0.6
"""Seconds that the first in the queue may have waited before a caller who waits is refused."""
_ATTEMPTS_ALONE = 8
_WRITE_CONFLICT = 112


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command answers: status and ids only, so that a stored answer holds nothing personal.

    Attributes:
        status: HTTP status, such as 201.
        ids: Names and ids or codes or versions, such as ``{"id": ..., "version": 1}``.
        replayed: True where an earlier command with the same key gave it.
    """

    status: int
    ids: dict[str, Any] = field(default_factory=dict)
    replayed: bool = False


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """A caller's key for one command, with an HMAC of the body under a tenant key.

    Attributes:
        key: Its HMAC under a tenant key, where a caller chose it.
        formerly: The key as it was stored before HMACs were; rows of that kind end within a day.
    """

    actor_id: str
    key: str
    fingerprint: str
    formerly: str | None = None


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command to commit.

    Attributes:
        run: Reads and writes through the unit of work and gives the answer.
        aggregates: Ids that no other command of the same group may touch.
        traceparent: The span that the command belongs to; by default the one that runs where it is made.
    """

    run: Callable[[UnitOfWork], Answer]
    aggregates: frozenset[str] = frozenset()
    idempotency: IdempotencyKey | None = None
    traceparent: str | None = field(default_factory=current_traceparent)


class DatabaseAwayError(TemporarilyUnavailableError):
    """The database did not take the command in time; nothing was half done. Repeat with the same key."""

    code = "database-away"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The database did not answer in time. Repeat the request with the same Idempotency-Key.")


class KeyInFlightError(RuleViolationError):
    """Another request with the same Idempotency-Key is being carried out; HTTP 409."""

    code = "idempotency-key-in-flight"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("A request with this Idempotency-Key is still being carried out; wait and repeat.")


class KeyReusedError(InvalidInputError):
    """The key was used before with another body; HTTP 422."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This Idempotency-Key was used with another body; use a new key for a new request.")


class Committer:
    """Runs commands of one service of one tenant, in groups, on one thread of its own."""

    def __init__(  # noqa: D107  The class says it.
        self,
        *,
        client: MongoClient[Document],
        database: str,
        tenant_id: TenantId,
        service: str,
        now: Now,
        group_limit: int = GROUP_LIMIT,
        wait_s: float = TRANSACTION_LIMIT_S * 2,
    ) -> None:
        self._client = client
        self._database = client[database]
        self._tenant_id = tenant_id
        self._service = service
        self._now = now
        self._group_limit = group_limit
        self._wait_s = wait_s
        self._waiting: queue.SimpleQueue[tuple[Command, Future[Answer]] | None] = queue.SimpleQueue()
        self._queued_at: deque[float] = deque()
        self._thread = threading.Thread(target=self._run, name=f"committer-{service}", daemon=True)
        self._thread.start()

    def execute(self, command: Command, *, within_s: float | None = None) -> Answer:
        """Carry out one command and give its answer after the commit.

        Args:
            command: What to do.
            within_s: Seconds that the caller waits; a command that was not begun by then is not begun any more. One
                that was may still be committed, and a repeat with the same key tells. None waits for the end.

        Raises:
            AlongsideError: What the command's handler raised.
            KeyInFlightError, KeyReusedError: The idempotency key is taken.
            DatabaseAwayError: The database did not answer in time.
            OverloadedError: Others have waited too long already; only where ``within_s`` is given.
        """
        if within_s is None:
            return self.submit(command).result(timeout=None)
        if self._oldest_waits_s() > min(QUEUE_S, within_s):
            raise OverloadedError
        future = self.submit(command)
        try:
            return future.result(timeout=within_s)
        except FutureTimeout as error:
            future.cancel()
            raise DatabaseAwayError from error

    def submit(self, command: Command) -> "Future[Answer]":
        """Queue a command; the future ends after the commit."""
        future: Future[Answer] = Future()
        self._queued_at.append(time.monotonic())
        self._waiting.put((command, future))
        return future

    def _oldest_waits_s(self) -> float:
        """Give for how long the first of the queue has waited to be begun, in seconds."""
        try:
            return time.monotonic() - self._queued_at[0]
        except IndexError:
            return 0.0

    def close(self) -> None:
        """Finish what waits, then stop."""
        self._waiting.put(None)
        self._thread.join(timeout=self._wait_s)

    def _run(self) -> None:
        stopping = False
        left: list[tuple[Command, Future[Answer]]] = []
        while left or not stopping:
            stopping = self._take(left, stopping=stopping)
            # Who gave up before the turn came has been told so, and will repeat.
            left = [item for item in left if not item[1].cancelled()]
            group, left = _split(left, self._group_limit)
            if group:
                self._commit(group)

    def _take(self, left: list[tuple[Command, "Future[Answer]"]], *, stopping: bool) -> bool:
        """Wait for one command if none is left, then take what is there."""
        block = not left and not stopping
        while len(left) < self._group_limit * 2:
            try:
                item = self._waiting.get(block=block)
            except queue.Empty:
                return stopping
            block = False
            if item is None:
                return True
            self._queued_at.popleft()
            left.append(item)
        return stopping

    def _commit(self, group: list[tuple[Command, "Future[Answer]"]]) -> None:
        began = time.monotonic()
        try:
            with pymongo.timeout(TRANSACTION_LIMIT_S):
                answers = self._transact([command for command, _ in group])
        except Exception as error:  # noqa: BLE001  Whatever went wrong, each command is tried alone and told.
            if len(group) == 1:
                self._alone(*group[0], first_error=error)
                return
            counter(COMMIT_RERUNS).add(1, service=self._service)
            for command, future in group:
                if not future.cancelled():
                    self._alone(command, future, first_error=None)
            return
        for (_, future), answer in zip(group, answers, strict=True):
            _settle(future, answer)
        # Measured after the callers have their answers, and once a group: it delays nobody.
        histogram(COMMIT_DURATION).record(time.monotonic() - began, service=self._service)
        histogram(COMMIT_GROUP_SIZE).record(len(group), service=self._service)
        replayed = sum(answer.replayed for answer in answers)
        self._count("replayed", replayed)
        self._count("done", len(answers) - replayed)

    def _count(self, outcome: str, commands: int = 1) -> None:
        if commands:
            counter(COMMANDS).add(commands, service=self._service, outcome=outcome)

    def _alone(self, command: Command, future: "Future[Answer]", *, first_error: Exception | None) -> None:
        """Run one command by itself, again while only a conflict stands in its way."""
        error = first_error
        deadline = time.monotonic() + TRANSACTION_LIMIT_S
        for _ in range(_ATTEMPTS_ALONE):
            if error is not None and not _worth_repeating(error):
                break
            if future.cancelled() or time.monotonic() > deadline:
                break
            try:
                with pymongo.timeout(TRANSACTION_LIMIT_S):
                    (answer,) = self._transact([command])
            except Exception as again:  # noqa: BLE001  It is told to the caller below, or tried again.
                error = again
                continue
            _settle(future, answer)
            self._count("replayed" if answer.replayed else "done")
            return
        told = _for_caller(error, command)
        _settle(future, told)
        away = isinstance(told, TemporarilyUnavailableError)
        self._count("away" if away else "refused" if isinstance(told, AlongsideError) else "failed")

    def _transact(self, commands: list[Command]) -> list[Answer]:
        causes = [command.traceparent for command in commands]
        together = len(set(causes)) > 1
        with (
            start_batch_span(f"{self._service} commit", causes) as span,
            transaction(self._client) as session,
        ):
            span.set(service=self._service, count=len(commands))
            work = UnitOfWork(
                database=self._database,
                session=session,
                tenant_id=self._tenant_id,
                service=self._service,
                now=self._now(),
                traceparent=span.traceparent,
            )
            keys = [key for c in commands if c.idempotency for key in _keys(c.idempotency)]
            work.preload("idempotency", keys)
            return_value = [self._run_one(command, work, together=together) for command in commands]
            work.flush()
        return return_value

    def _run_one(self, command: Command, work: UnitOfWork, *, together: bool) -> Answer:
        work.caused_by(command.traceparent if together else None)
        if command.idempotency is None:
            return command.run(work)
        key = _key(command.idempotency)
        stored = next((row for k in _keys(command.idempotency) if (row := work.find("idempotency", k))), None)
        if stored is not None:
            if stored["fingerprint"] != command.idempotency.fingerprint:
                raise KeyReusedError
            return Answer(status=stored["status"], ids=stored["ids"], replayed=True)
        answer = command.run(work)
        work.insert(
            "idempotency",
            {
                "_id": key,
                "fingerprint": command.idempotency.fingerprint,
                "status": answer.status,
                "ids": answer.ids,
                # Real time, since MongoDB's own clock deletes it.
                "expires_at": self._expiry(),
            },
        )
        return answer

    @staticmethod
    def _expiry() -> object:
        from shared.kernel.clock import real_now  # noqa: PLC0415

        return real_now() + IDEMPOTENCY_LIFETIME


@contextmanager
def transaction(client: MongoClient[Document]) -> Iterator[Any]:
    """Open a session with one snapshot transaction, committed with ``w: majority`` and ``j`` left unset."""
    with (
        client.start_session() as session,
        session.start_transaction(
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority"),
            max_commit_time_ms=10_000,
        ),
    ):
        yield session


def _key(idempotency: IdempotencyKey) -> str:
    return f"{idempotency.actor_id}:{idempotency.key}"


def _keys(idempotency: IdempotencyKey) -> list[str]:
    """Give the ids under which an earlier answer may stand."""
    formerly = [f"{idempotency.actor_id}:{idempotency.formerly}"] if idempotency.formerly is not None else []
    return [_key(idempotency), *formerly]


def _settle(future: "Future[Answer]", result: Answer | Exception) -> None:
    """Tell the caller, unless they gave up meanwhile."""
    with suppress(InvalidStateError):
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


def _split(
    waiting: list[tuple[Command, "Future[Answer]"]], limit: int
) -> tuple[list[tuple[Command, "Future[Answer]"]], list[tuple[Command, "Future[Answer]"]]]:
    """Take a group in which no aggregate and no idempotency key stands twice; keep the rest in order."""
    taken: set[str] = set()
    group: list[tuple[Command, Future[Answer]]] = []
    rest: list[tuple[Command, Future[Answer]]] = []
    for command, future in waiting:
        keys = set(command.aggregates)
        if command.idempotency is not None:
            keys.add("key:" + _key(command.idempotency))
        if len(group) < limit and not (keys & taken):
            group.append((command, future))
        else:
            rest.append((command, future))
        # A later command on the same aggregate waits behind this one, also when this one had to wait.
        taken |= keys
    return group, rest


def _worth_repeating(error: Exception) -> bool:
    if isinstance(error, DuplicateKeyError):
        return True
    if isinstance(error, PyMongoError):
        return error.has_error_label("TransientTransactionError") or isinstance(error, ConnectionFailure)
    return False


def _for_caller(error: Exception | None, command: Command) -> Exception:
    if isinstance(error, AlongsideError):
        return error
    conflict = isinstance(error, OperationFailure) and error.code == _WRITE_CONFLICT
    if command.idempotency is not None and (conflict or isinstance(error, DuplicateKeyError)):
        return KeyInFlightError()
    if isinstance(error, (PyMongoError, WTimeoutError)):
        return DatabaseAwayError()
    return error if error is not None else DatabaseAwayError()
