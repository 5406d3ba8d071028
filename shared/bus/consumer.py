"""Consumes one queue in batches: takes what is there up to a limit, then one acknowledgement for all.

Promise: a message is acknowledged only after its fate is durable (committed, or confirmed in a retry or parking
queue), a bundle after that of each of its events (``shared.bus.bundles``, ``tests/kernel/test_bundles.py``); a
failing database or broker delays messages, it never loses and never parks them (``tests/kernel/test_consumer.py``);
no exception leaves ``run``. While a batch is settled, or waits for a database that is away, the broker still hears
from us, so that it does not take us for dead and count the messages as refused. Slow is not dead: a batch that fails
is offered again by halves, and grows again. After each start the first message comes alone, so that one that kills
the process is counted alone and parked by the broker's delivery limit without harm to its neighbours. One consumer
reads a queue at a time: two would meet in the document of the stream's progress, batch by batch; the others stand by.

Limit: at least once. Exactly one effect is the inbox's work (``shared.outbox._inbox``).
"""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from shared.bus.bundles import apart
from shared.bus.connection import close, drop, open_connection, read_one
from shared.bus.deliveries import Batch, Delivery, delivery_of
from shared.bus.liveness import StopSignal, back_off, has_input, settle_aside, show_life
from shared.bus.reasons import reason_of
from shared.bus.tls import TlsWatch
from shared.kernel.clock import boot_seconds
from shared.kernel.stopping import wait_for
from shared.telemetry.logs import get_logger

BATCH_LIMIT = 200
_IDLE_READ_S = 0.5
_SIGN_OF_LIFE_IDLE_S = 4.0
_STAND_BY_STEP = 3
GIVE_BACK_AFTER_S = 600.0
"""After so long a failure messages go back to the broker, well before it closes the channel itself (30 minutes)."""

log = get_logger(__name__)


class _GivenBackError(Exception):
    """The batch could not be settled for long; it goes back to the broker."""


class _OtherReadsError(Exception):
    """Another consumer reads the queue."""


class BatchConsumer:
    """Reads one queue on one connection until told to stop.

    Args:
        settle: Gives every delivery its durable fate, or raises when it can't now; then what is not ticked
            off (``Batch.tick_off``) is offered again, without going back to the broker. With no delivery it
            only raises when it could settle nothing now. It runs on a thread of its own.
        give_back_after_s: After so long a failure the messages go back; they come again when ``settle`` can.
    """

    def __init__(
        self,
        *,
        uri: str,
        queue: str,
        settle: Callable[[Sequence[Delivery]], None],
        batch_limit: int = BATCH_LIMIT,
        give_back_after_s: float = GIVE_BACK_AFTER_S,
    ) -> None:
        """Remember what to read; nothing is opened yet."""
        self._uri = uri
        self._tls = TlsWatch(uri)
        self._queue = queue
        self._settle = settle
        self._batch_limit = self._size = batch_limit
        self._give_back_after_s = give_back_after_s
        self._buffer: deque[Delivery] = deque()
        self._waiting = 0
        # Of each message that was taken: how many of its events have no durable fate yet; in the order of tags.
        self._open: dict[int, int] = {}
        self.consuming = threading.Event()

    def run(self, stop: StopSignal) -> None:
        """Consume until ``stop`` is set and the batch in hand is settled and acknowledged."""
        failures = 0
        while not stop.is_set():
            connection = None
            stands_by = False
            try:
                self._tls.opened()
                connection = open_connection(self._uri)
                self._consume(connection, stop)
                close(connection)
                failures = 0
            except _GivenBackError:
                close(connection)
                self._wait_until_able(stop)
            except _OtherReadsError:
                close(connection)
                stands_by = True
                self.consuming.set()
                back_off(_STAND_BY_STEP, stop)
                failures = 0
            except Exception as error:  # noqa: BLE001  A broken frame is no reason to stop for ever.
                drop(connection)
                failures = 0 if self.consuming.is_set() else failures
                name = type(error).__name__
                log.warning("consumer lost its broker", queue=self._queue, error_class=name, reason=reason_of(error))
                back_off(failures, stop)
                failures += 1
            finally:
                if not stands_by:
                    self.consuming.clear()
                self._forget_all()

    def _forget_all(self) -> None:
        """What is not acknowledged comes again over the next connection."""
        self._buffer.clear()
        self._open.clear()
        self._waiting = 0

    def _consume(self, connection: Any, stop: StopSignal) -> None:
        channel = connection.channel()
        channel.auto_decode = False  # A body stays bytes, also one that no encoding can read.
        self._step_aside_for(channel, others=0)
        consumer = self._register(channel, prefetch=1)
        slow_start = True
        self.consuming.set()
        while not stop.is_set() and not self._tls.is_outdated():
            taken = self._take(connection, stop)
            if not taken:
                connection.heartbeat_tick()
                continue
            if slow_start:
                # Before the first is acknowledged: else the next would go to a consumer that ends, come back as one
                # delivered in vain, and count it among the queue's readers, for which we would then step aside.
                channel.basic_cancel(consumer)
            if not self._settle_patiently(connection, channel, taken, stop):
                return
            if slow_start:
                consumer = self._register(channel, prefetch=2 * self._batch_limit)
                self._step_aside_for(channel, others=1)
                slow_start = False
        channel.basic_cancel(consumer)

    def _wait_until_able(self, stop: StopSignal) -> None:
        """Stay away from the broker until something could be settled; each new fetch counts as a delivery."""
        failures = 0
        while not stop.is_set():
            try:
                self._settle(Batch(()))
            except Exception:  # noqa: BLE001  It was logged when the batch failed.
                back_off(failures, stop)
                failures += 1
            else:
                return

    def _register(self, channel: Any, *, prefetch: int) -> str:
        channel.basic_qos(0, prefetch, False)
        return str(channel.basic_consume(self._queue, callback=self._on_message))

    def _step_aside_for(self, channel: Any, *, others: int) -> None:
        """Stand by where so many read the queue already.

        A quorum queue takes no notice of an exclusive consumer (measured on 3.10), and the argument for a single
        active one can't be added to a queue that is there. Two that meet here both work; each conflict of theirs
        is tried again (``shared.outbox._inbox``).

        Raises:
            _OtherReadsError: Others do.
        """
        if channel.queue_declare(self._queue, passive=True).consumer_count > others:
            raise _OtherReadsError

    def _on_message(self, message: Any) -> None:
        delivery = delivery_of(message)
        self._buffer.append(delivery)
        self._waiting += delivery.events

    def _take(self, connection: Any, stop: StopSignal) -> list[Delivery]:
        """Wait for one message until a heartbeat may be due, then take what has come: whole messages, at least one."""
        if not self._buffer and (
            has_input(connection) or wait_for(connection.transport.sock.fileno(), stop, _SIGN_OF_LIFE_IDLE_S)
        ):
            read_one(connection, timeout_s=_IDLE_READ_S)
        while self._waiting < self._batch_limit and has_input(connection):
            read_one(connection, timeout_s=_IDLE_READ_S)
        taken: list[Delivery] = []
        while self._buffer and (not taken or len(taken) + self._buffer[0].events <= self._batch_limit):
            message = self._buffer.popleft()
            self._waiting -= message.events
            events = apart(message)
            self._open[message.tag] = len(events)
            taken += events
        return taken

    def _settle_patiently(self, connection: Any, channel: Any, taken: Sequence[Delivery], stop: StopSignal) -> bool:
        """Settle and acknowledge what was taken, again and again while the database or broker is away.

        Returns:
            False when it was told to stop with something still unsettled.

        Raises:
            _GivenBackError: Nothing could be settled for long.
        """
        waiting = list(taken)
        failures = 0
        failing_since = None
        while waiting:
            part = Batch(waiting[: self._size])
            error = settle_aside(self._settle, connection, part, stop, name=self._queue)
            if error is None:
                part.tick_off(part)
            self._acknowledge(channel, part)
            if error is None:
                waiting = waiting[len(part) :]
                self._size = min(self._batch_limit, self._size * 2)
                failures, failing_since = 0, None
                continue
            waiting = [delivery for delivery in waiting if not part.is_settled(delivery)]
            self._size = max(1, len(part) // 2)
            log.warning(
                "batch not settled",
                queue=self._queue,
                count=len(part) - part.settled,
                error_class=type(error).__name__,
                reason=reason_of(error),
            )
            if stop.is_set():
                return not waiting
            if part.settled:
                failures, failing_since = 0, None
            failing_since = failing_since or boot_seconds()
            if boot_seconds() - failing_since > self._give_back_after_s:
                raise _GivenBackError
            back_off(failures, stop, meanwhile=lambda: show_life(connection))
            failures += 1
        return True

    def _acknowledge(self, channel: Any, part: Batch) -> None:
        """Acknowledge each message of which every event has its fate: those in front together, others one by one."""
        for delivery in part:
            if part.is_settled(delivery):
                self._open[delivery.tag] -= 1
        front = list(itertools.takewhile(lambda tag: not self._open[tag], self._open))
        if front:
            channel.basic_ack(front[-1], multiple=True)
        behind = [tag for tag in {d.tag for d in part}.difference(front) if not self._open[tag]]
        for tag in behind:
            channel.basic_ack(tag)
        for tag in (*front, *behind):
            del self._open[tag]
