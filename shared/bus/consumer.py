"""Consumes one queue in batches: takes what is there up to a limit, then one acknowledgement for all.

Promise: a message is acknowledged only after its fate is durable (committed, or confirmed in a retry or
parking queue); a failing database or broker delays messages, it never loses them; no exception leaves
``run``. After each start the first message comes alone, so that one that kills the process is counted
alone and parked by the broker's delivery limit without harm to its neighbours.

Limit: at least once. Exactly one effect is the inbox's work (``shared.outbox.inbox``).
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.bus.connection import CONNECTION_ERRORS, close, drop, open_connection, read_one
from shared.bus.reasons import reason_of
from shared.bus.tls import TlsWatch
from shared.telemetry.logs import get_logger

BATCH_LIMIT = 100
_IDLE_READ_S = 0.5
_BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One message as the broker gave it; the body stays bytes."""

    tag: int
    body: bytes
    headers: Mapping[str, Any]
    properties: Mapping[str, Any]
    routing_key: str
    redelivered: bool


class StopSignal(Protocol):
    """What tells a consumer to finish: a threading event, also under eventlet."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


class BatchConsumer:
    """Reads one queue on one connection until told to stop.

    Args:
        settle: Gives every delivery its durable fate, or raises when it can't now; then the same batch is
            offered again, without going back to the broker.
    """

    def __init__(
        self,
        *,
        uri: str,
        queue: str,
        settle: Callable[[Sequence[Delivery]], None],
        batch_limit: int = BATCH_LIMIT,
    ) -> None:
        """Remember what to read; nothing is opened yet."""
        self._uri = uri
        self._tls = TlsWatch(uri)
        self._queue = queue
        self._settle = settle
        self._batch_limit = batch_limit
        self._buffer: deque[Delivery] = deque()
        self.consuming = threading.Event()

    def run(self, stop: StopSignal) -> None:
        """Consume until ``stop`` is set and the batch in hand is settled and acknowledged."""
        failures = 0
        while not stop.is_set():
            connection = None
            try:
                self._tls.opened()
                connection = open_connection(self._uri)
                self._consume(connection, stop)
                close(connection)
                failures = 0
            except CONNECTION_ERRORS as error:
                drop(connection)
                name = type(error).__name__
                log.warning("consumer lost its broker", queue=self._queue, error_class=name, reason=reason_of(error))
                _pause(failures, stop)
                failures += 1
            finally:
                self.consuming.clear()
                self._buffer.clear()

    def _consume(self, connection: Any, stop: StopSignal) -> None:
        channel = connection.channel()
        channel.auto_decode = False  # A body stays bytes, also one that no encoding can read.
        consumer = self._register(channel, prefetch=1)
        slow_start = True
        self.consuming.set()
        while not stop.is_set() and not self._tls.is_outdated():
            batch = self._take(connection)
            if not batch:
                connection.heartbeat_tick()
                continue
            if not self._settle_patiently(connection, batch, stop):
                return
            channel.basic_ack(batch[-1].tag, multiple=True)
            if slow_start:
                channel.basic_cancel(consumer)
                consumer = self._register(channel, prefetch=2 * self._batch_limit)
                slow_start = False
        channel.basic_cancel(consumer)

    def _register(self, channel: Any, *, prefetch: int) -> str:
        channel.basic_qos(0, prefetch, False)
        tag = channel.basic_consume(self._queue, callback=self._on_message)
        return str(tag)

    def _on_message(self, message: Any) -> None:
        info = message.delivery_info
        properties = message.properties
        self._buffer.append(
            Delivery(
                tag=info["delivery_tag"],
                body=_bytes(message.body),
                headers=properties.get("application_headers") or {},
                properties=properties,
                routing_key=info["routing_key"],
                redelivered=bool(info["redelivered"]),
            )
        )

    def _take(self, connection: Any) -> list[Delivery]:
        """Wait a moment for one message, then take what has already arrived."""
        if not self._buffer:
            read_one(connection, timeout_s=_IDLE_READ_S)
        while len(self._buffer) < self._batch_limit and has_input(connection):
            read_one(connection, timeout_s=_IDLE_READ_S)
        return [self._buffer.popleft() for _ in range(min(len(self._buffer), self._batch_limit))]

    def _settle_patiently(self, connection: Any, batch: Sequence[Delivery], stop: StopSignal) -> bool:
        """Settle a batch, again and again while the database or broker is away."""
        failures = 0
        while True:
            try:
                self._settle(batch)
            except Exception as error:  # noqa: BLE001  The batch is kept and offered again; nothing is lost.
                log.warning(
                    "batch not settled",
                    queue=self._queue,
                    count=len(batch),
                    error_class=type(error).__name__,
                    reason=reason_of(error),
                )
                if stop.is_set():
                    return False
                _pause(failures, stop)
                connection.heartbeat_tick()
                failures += 1
            else:
                return True


def has_input(connection: Any) -> bool:
    """Whether a frame can be read now, without waiting."""
    transport = connection.transport
    if getattr(transport, "_read_buffer", b""):
        return True
    # Under TLS a record that was read from the socket may wait decrypted.
    pending = getattr(transport.sock, "pending", None)
    if pending is not None and pending():
        return True
    readable, _, _ = real_select([transport.sock.fileno()], [], [], 0)
    return bool(readable)


def real_select(*arguments: Any) -> Any:
    """Look at a socket without waiting; replaced under eventlet, whose own select yields."""
    import select  # noqa: PLC0415

    return select.select(*arguments)


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body)


def _pause(failures: int, stop: StopSignal) -> None:
    wait_s = _BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)] * random.uniform(0.5, 1.0)  # noqa: S311
    deadline = time.monotonic() + wait_s
    while not stop.is_set() and time.monotonic() < deadline:
        time.sleep(0.05)
