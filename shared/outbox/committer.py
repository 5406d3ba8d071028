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
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import datetime

from pymongo import MongoClient

from shared.kernel.clock import Now, boot_seconds
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.exits import EXIT_TEMPORARY
from shared.kernel.tenancy import TenantId
from shared.outbox._groups import Waiting, settle, split
from shared.outbox._overload import ClockWrongError, DatabaseAwayError, OutcomeUnknownError, OverloadedError
from shared.outbox._together import SomeRefusedError, Together
from shared.outbox._transactions import TRANSACTION_LIMIT_S, is_away, pause, transaction
from shared.outbox._verdicts import for_caller, worth_repeating
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import Document
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import COMMANDS, COMMIT_DURATION, COMMIT_GROUP_SIZE, COMMIT_RERUNS
from shared.telemetry.metrics import counter, histogram

GROUP_LIMIT = 200
QUEUE_S = 0.6
"""Seconds that the first in the queue may have waited before a caller who waits is refused."""
_ATTEMPTS_ALONE = 8
_ATTEMPTS_TOGETHER = 3
_TRIES_LIMIT_S = 10.0
"""No try of a group begins later than this after its first, but each command has one."""

__all__ = ["Committer", "DatabaseAwayError", "OutcomeUnknownError", "is_away", "transaction"]

log = get_logger(__name__)


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
        self._service = service
        self._together = Together(client=client, database=database, tenant_id=tenant_id, service=service, now=now)
        self._on_death = on_death
        self._group_limit = group_limit
        self._wait_s = wait_s
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
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
            ClockWrongError: This machine's clock is known to be wrong.
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

    def recorded_from_now(self) -> datetime:
        """Give a time, by the database server's clock, that nothing bears less than which begins from now on.

        It is real time where the business clock is ahead, since some things bear the one and some the other.
        """
        return self._together.recorded_from_now()

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
        left: list[Waiting] = []
        while left or not stopping:
            stopping = self._take(left, stopping=stopping)
            # Who gave up before the turn came has been told so, and will repeat.
            left = [item for item in left if not item[1].cancelled()]
            group, left = split(left, self._group_limit)
            if group:
                self._commit(group)

    def _take(self, left: list[Waiting], *, stopping: bool) -> bool:
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

    def _commit(self, group: list[Waiting]) -> None:
        """Carry a group out, as a whole or in pieces, until each command has its answer."""
        until = boot_seconds() + _TRIES_LIMIT_S
        pieces = deque([self._on_time(group)])
        while pieces:
            # Who gave up meanwhile has been told so; what they asked for is not tried again.
            piece = [one for one in pieces.popleft() if not one[1].cancelled()]
            error = self._try(piece, until=until)
            if error is None:
                continue
            counter(COMMIT_RERUNS).add(1, service=self._service)
            if isinstance(error, SomeRefusedError):
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

    def _on_time(self, group: list[Waiting]) -> list[Waiting]:
        """Refuse commands while this machine's clock is wrong: whatever they judge by it would be wrong too."""
        if not self._together.clock_is_wrong():
            return group
        for _, future in (one for one in group if not one[0].only_notes):
            self._tell(future, ClockWrongError())
        return [one for one in group if one[0].only_notes]

    def _try(self, piece: list[Waiting], *, until: float) -> Exception | None:
        """Commit a piece and answer it, again while only a conflict or a lost server stands in its way."""
        if not piece:
            return None
        began = time.monotonic()
        commands = [command for command, _ in piece]
        attempts = _ATTEMPTS_ALONE if len(piece) == 1 else _ATTEMPTS_TOGETHER
        attempt = 0
        while True:
            try:
                answers = self._together.commit(commands)
            except Exception as error:  # noqa: BLE001  Whatever went wrong, each command is tried or told.
                attempt += 1
                if attempt >= attempts or boot_seconds() >= until or not worth_repeating(error, commands):
                    return error
                pause(attempt)
            else:
                self._answer(piece, answers, duration_s=time.monotonic() - began)
                return None

    def _answer(self, piece: list[Waiting], answers: list[Answer], *, duration_s: float) -> None:
        for (_, future), answer in zip(piece, answers, strict=True):
            settle(future, answer)
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
        told = for_caller(error)
        if told is not error:
            told.__cause__ = error  # Who waits may have to know what lasts from what passes.
        settle(future, told)
        away = isinstance(told, TemporarilyUnavailableError)
        self._count("away" if away else "refused" if isinstance(told, AlongsideError) else "failed")
