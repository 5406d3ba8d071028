"""The committer: puts waiting commands of one tenant and service into one transaction.

It takes what is there, up to a limit, with no timer; so it costs nothing when idle. Each command keeps
its own version check, idempotency row and answer; answers leave after the commit. Two commands on one
aggregate, or with one idempotency key, never share a group. A command that is refused leaves its group,
which goes on without it; a group that meets a conflict is tried again, then by halves; so no command fails
for another's sake, and one refusal costs its own answer (``tests/kernel/test_committer.py``).

Limit: a handler may run more than once, so it makes no side effect but through its unit of work.
"""

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from datetime import timedelta

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.kernel.clock import Now, boot_seconds, real_now
from shared.kernel.errors import (
    AlongsideError,
    TemporarilyUnavailableError,
)
from shared.kernel.exits import EXIT_TEMPORARY
from shared.kernel.tenancy import TenantId
from shared.outbox._overload import DatabaseAwayError, OutcomeUnknownError, OverloadedError
from shared.outbox._server_clock import ServerClock
from shared.outbox._transactions import (
    TRANSACTION_LIMIT_S,
    WriteConflictError,
    is_away,
    is_conflict,
    is_unknown,
    pause,
    transaction,
)
from shared.outbox.commands import Answer, Command, IdempotencyKey, KeyInFlightError, KeyReusedError
from shared.outbox.unit_of_work import Document, DuplicateIdError, UnitOfWork
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import COMMANDS, COMMIT_DURATION, COMMIT_GROUP_SIZE, COMMIT_RERUNS
from shared.telemetry.metrics import counter, histogram
from shared.telemetry.traces import start_batch_span

GROUP_LIMIT = 100
IDEMPOTENCY_LIFETIME = timedelta(hours=24)
QUEUE_S = 0.6
"""Seconds that the first in the queue may have waited before a caller who waits is refused."""
_ATTEMPTS_ALONE = 8
_ATTEMPTS_TOGETHER = 3
_TRIES_LIMIT_S = 10.0
"""No try of a group begins later than this after its first, but each command has one."""

__all__ = [
    "Answer",
    "Command",
    "Committer",
    "DatabaseAwayError",
    "IdempotencyKey",
    "KeyInFlightError",
    "KeyReusedError",
    "OutcomeUnknownError",
    "is_away",
    "transaction",
]

log = get_logger(__name__)


class _SomeRefusedError(Exception):
    """Some commands of a group raised; the others may be committed without them."""

    def __init__(self, refused: Mapping[int, Exception]) -> None:
        super().__init__()
        self.refused = refused


def _end_process() -> None:
    os._exit(EXIT_TEMPORARY)


class Committer:
    """Runs commands of one service of one tenant, in groups, on one thread of its own.

    Args:
        on_death: What happens when that thread dies of a fault; by default the process ends with code 75,
            since one that takes commands and carries none out looks well and is not.
    """

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
        on_death: Callable[[], None] = _end_process,
    ) -> None:
        self._client = client
        self._database = client[database]
        self._tenant_id = tenant_id
        self._service = service
        self._clock = ServerClock(client, now)
        self._on_death = on_death
        self._group_limit = group_limit
        self._wait_s = wait_s
        self._waiting: queue.SimpleQueue[tuple[Command, Future[Answer]] | None] = queue.SimpleQueue()
        self._queued_at: deque[float] = deque()
        self._thread = threading.Thread(target=self._live, name=f"committer-{service}", daemon=True)
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

    def _live(self) -> None:
        try:
            self._run()
        except BaseException:
            log.exception("a committer died", service=self._service)
            self._on_death()
            raise

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
        """Carry a group out, as a whole or in pieces, until each command has its answer."""
        until = boot_seconds() + _TRIES_LIMIT_S
        pieces = deque([group])
        while pieces:
            # Who gave up meanwhile has been told so; what they asked for is not tried again.
            piece = [one for one in pieces.popleft() if not one[1].cancelled()]
            error = self._try(piece, until=until)
            if error is None:
                continue
            counter(COMMIT_RERUNS).add(1, service=self._service)
            if isinstance(error, _SomeRefusedError):
                # Each is judged alone again: what it met may have been another's doing.
                pieces.extendleft([one] for n, one in enumerate(piece) if n in error.refused)
                pieces.appendleft([one for n, one in enumerate(piece) if n not in error.refused])
            elif is_away(error):
                # Nobody else of this group would fare better, and all of them are waited for.
                for _, future in piece:
                    self._tell(future, error)
                for _, future in [one for left in pieces for one in left]:
                    self._tell(future, DatabaseAwayError())
                return
            elif len(piece) == 1:
                self._tell(piece[0][1], error)
            else:
                half = len(piece) // 2
                pieces.extendleft([piece[half:], piece[:half]])

    def _try(self, piece: list[tuple[Command, "Future[Answer]"]], *, until: float) -> Exception | None:
        """Commit a piece and answer it, again while only a conflict or a lost server stands in its way."""
        if not piece:
            return None
        began = time.monotonic()
        commands = [command for command, _ in piece]
        attempts = _ATTEMPTS_ALONE if len(piece) == 1 else _ATTEMPTS_TOGETHER
        attempt = 0
        while True:
            try:
                answers = self._transact(commands)
            except Exception as error:  # noqa: BLE001  Whatever went wrong, each command is tried or told.
                attempt += 1
                if attempt >= attempts or boot_seconds() >= until or not _worth_repeating(error, commands):
                    return error
                pause(attempt)
            else:
                self._answer(piece, answers, duration_s=time.monotonic() - began)
                return None

    def _answer(
        self, piece: list[tuple[Command, "Future[Answer]"]], answers: list[Answer], *, duration_s: float
    ) -> None:
        for (_, future), answer in zip(piece, answers, strict=True):
            _settle(future, answer)
        # Measured after the callers have their answers, and once a group: it delays nobody.
        histogram(COMMIT_DURATION).record(duration_s, service=self._service)
        histogram(COMMIT_GROUP_SIZE).record(len(piece), service=self._service)
        replayed = sum(answer.replayed for answer in answers)
        self._count("replayed", replayed)
        self._count("done", len(answers) - replayed)

    def _count(self, outcome: str, commands: int = 1) -> None:
        if commands:
            counter(COMMANDS).add(commands, service=self._service, outcome=outcome)

    def _tell(self, future: "Future[Answer]", error: Exception) -> None:
        told = _for_caller(error)
        if told is not error:
            told.__cause__ = error  # Who waits may have to know what lasts from what passes.
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
                now=self._clock.now(),
                traceparent=span.traceparent,
            )
            keys = [key for c in commands if c.idempotency for key in _keys(c.idempotency)]
            work.preload("idempotency", keys)
            answers = self._run_each(commands, work, together=together)
            work.flush()
        return answers

    def _run_each(self, commands: list[Command], work: UnitOfWork, *, together: bool) -> list[Answer]:
        if len(commands) == 1:
            return [self._run_one(commands[0], work, together=together)]
        answers: list[Answer] = []
        refused: dict[int, Exception] = {}
        for number, command in enumerate(commands):
            try:
                answers.append(self._run_one(command, work, together=together))
            except (PyMongoError, WriteConflictError):
                raise
            except Exception as error:  # noqa: BLE001  It is told to its own caller, after it was judged alone.
                # The transaction is lost, but not the round: whoever else is refused is found in it too.
                refused[number] = error
                if isinstance(error, DuplicateIdError):
                    break  # MongoDB has ended the transaction.
        if refused:
            raise _SomeRefusedError(refused)
        return answers

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
                # Real time, since MongoDB's own clock deletes it; one reading a transaction.
                "expires_at": work.memo("idempotency-expiry", lambda: real_now() + IDEMPOTENCY_LIFETIME),
            },
        )
        return answer


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


def _worth_repeating(error: Exception, commands: list[Command]) -> bool:
    if is_unknown(error):
        # Only a command that recognises itself may be run a second time.
        return all(command.idempotency is not None for command in commands)
    if isinstance(error, DuplicateIdError):
        # The same request may have come twice at once; then its stored answer is found the next time.
        return error.collection == "idempotency" or any(command.idempotency is not None for command in commands)
    return is_conflict(error) or is_away(error)


def _for_caller(error: Exception) -> Exception:
    if isinstance(error, DuplicateIdError | WriteConflictError) and error.collection == "idempotency":
        return KeyInFlightError()
    if is_unknown(error):
        return OutcomeUnknownError()
    if is_away(error):
        return DatabaseAwayError()
    if not isinstance(error, AlongsideError) and is_conflict(error):
        return WriteConflictError()
    return error
