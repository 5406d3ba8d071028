"""Whose turn it is to read a source: begun under a number of its own, held while it is read, noted once.

Promise: of two readers one reads, and only the newest one's end is written; a reading that is killed leaves nothing but
pieces that nobody claims, and is made again. Shown by tests/integration/case/test_source_kills.py.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pymongo.errors import PyMongoError

from services.case.sources.documents import SourceStore
from services.case.sources.rules.faults import SourceFaultError
from services.case.sources.rules.source import Source
from shared.kernel.clock import Now, real_now
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.telemetry.logs import get_logger

HOLD_EVERY_S = 30.0
HOLD_AT_MOST_S = 2_700.0
"""A reader that hangs holds its source no longer than that; each reading ends far before it."""

log = get_logger(__name__)


class SourceTakenError(TemporarilyUnavailableError):
    """Another process reads this source, or has begun to after us."""

    code = "source-taken"

    def __init__(self) -> None:
        """Say what happens next."""
        super().__init__("Another process reads this source. Look at it again in a minute.")


class Turns:
    """Begins, holds and ends readings of one tenant's sources."""

    def __init__(self, context: ServiceContext, *, real: Now = real_now) -> None:
        """Take the case service's context, and the clock by which readers hold a source."""
        self._committer = context.committer
        self._real = real

    def begin(self, source_id: str, wanted: Callable[[Source], bool]) -> Source | None:
        """Begin a reading, if it is still wanted; None where it is not, or was cut off too often.

        Raises:
            SourceTakenError: Somebody else reads it.
            DocumentMissingError: It was removed.
        """
        begun: list[Source] = []

        def begin(work: UnitOfWork) -> Answer:
            begun.clear()
            store = SourceStore(work)
            source = store.get(source_id)
            if not wanted(source):
                return Answer(status=200)
            if source.is_held(self._real()):
                raise SourceTakenError
            one = source.begun(new_id(), now=work.now, real_now=self._real())
            if one.was_cut_off:
                log.error("a source is cut off each time", target=source_id)
                one = one.failed(SourceFaultError("KILLED"), work.now)
            else:
                begun.append(one)
            store.save(one)
            return Answer(status=200)

        self._execute(source_id, begin)
        return begun[0] if begun else None

    @contextmanager
    def holding(self, source: Source) -> Iterator[None]:
        """Say again and again that this reading goes on, while it does; its end looks whether it was heard."""
        ended = threading.Event()
        until = time.monotonic() + HOLD_AT_MOST_S

        def hold() -> None:
            while not ended.wait(HOLD_EVERY_S) and time.monotonic() < until:
                try:
                    self.change(source, lambda one, _work: one.held_on(self._real()))
                except (AlongsideError, PyMongoError) as error:
                    log.warning("a source is not held", target=source.id, error_class=type(error).__name__)

        thread = threading.Thread(target=hold, name=f"source-{source.id[:8]}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def release(self, source: Source) -> None:
        """End a reading of which nothing is told: what it was of is looked at again.

        Raises:
            SourceTakenError: It is not the newest one any more.
        """
        self.change(source, lambda one, _work: one.let_go())

    def found_nothing(self, source: Source) -> None:
        """Note that a folder is in order, and that nothing new stands in it.

        Raises:
            SourceTakenError: It is not the newest one any more.
        """
        self.change(source, lambda one, work: one.in_order(work.now))

    def fail(self, source: Source, fault: SourceFaultError) -> None:
        """Note that a reading failed.

        Raises:
            SourceTakenError: It is not the newest one any more.
        """
        log.warning("a source was not read", target=source.id, error_code=fault.code)
        self.change(source, lambda one, work: one.failed(fault, work.now))

    def tested(self, source: Source, fault: SourceFaultError | None) -> None:
        """Note what a test came to.

        Raises:
            SourceTakenError: It is not the newest one any more.
        """
        self.change(source, lambda one, work: one.tested(fault, work.now))

    def change(self, source: Source, change: Callable[[Source, UnitOfWork], Source]) -> None:
        """Write what a reading came to, if it is the newest one.

        Raises:
            SourceTakenError: It is not.
            DocumentMissingError: The source was removed.
        """

        def save(work: UnitOfWork) -> Answer:
            store = SourceStore(work)
            now = store.get(source.id)
            if now.fence != source.fence or now.reading != source.reading:
                raise SourceTakenError
            store.save(change(now, work))
            return Answer(status=200)

        self._execute(source.id, save)

    def _execute(self, source_id: str, run: Callable[[UnitOfWork], Answer]) -> None:
        self._committer.execute(Command(run=run, aggregates=frozenset({source_id})))
