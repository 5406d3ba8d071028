"""The HTTP server that we ship: waitress, with bounds on who may hold it and on how long anybody waits.

Promise: one address holds at most so many connections; a body larger than most is taken only where ``room_for`` says
so, before any of it comes, and waits on disk under a key that only this process's memory has; a request that trickles
in, an idle connection and a reader who does not read are let go; whoever would wait too long for a thread is refused
with 503 and Retry-After at once; /healthz and /readyz are answered by a thread of their own, whatever the others do.
Shown by tests/integration/shared/test_web_server.py.
Limit: behind a gate every caller has the gate's address: raise ``connections_an_address`` there; the gate must count.
"""

import json
import time
from collections import Counter
from contextlib import suppress
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import Task, ThreadedTaskDispatcher, WSGITask

from shared.telemetry.logs import get_logger
from shared.web.rate_limits import CONNECTIONS_LEFT
from shared.web.server_bodies import BoundedParser, RoomFor

THREADS = 12
CONNECTIONS = 400
CONNECTIONS_AN_ADDRESS = 64
QUEUE_S = 0.4
"""Seconds that the first in the queue may have waited before the next one is refused."""
LONGEST_QUEUE_S = 0.8
"""Seconds after which a request that waited is refused rather than begun: whoever asked may have given up."""
BEGIN_S, IDLE_S = 10.0, 30.0
"""Seconds that a new connection may be silent, and that a used one may."""
PATIENCE_S, BYTES_A_SECOND = 10.0, 8_000
"""A request must be whole after this many seconds, and one more for each so many bytes of it that have come."""
RETRY_AFTER_S = 2
HEALTH = frozenset({"/healthz", "/readyz"})
_NEVER_ON_DISK = 1 << 62

log = get_logger(__name__)

_REFUSAL = json.dumps(
    {
        "type": "/docs/errors/overloaded",
        "title": "Too many requests at this moment",
        "status": 503,
        "detail": "Nothing was done. Wait as long as Retry-After says, then repeat with the same Idempotency-Key.",
        "code": "overloaded",
    }
).encode()
_TOO_MANY_CONNECTIONS = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 2\r\n"
    b"Content-Type: application/problem+json\r\nContent-Length: " + str(len(_REFUSAL)).encode() + b"\r\n\r\n" + _REFUSAL
)


class CountedTask(WSGITask):  # type: ignore[misc]  # waitress ships no types.
    """Answers by the application, which is told how many connections its caller's address has left."""

    def get_environment(self) -> dict[str, Any]:
        """Give the request's environment."""
        environ: dict[str, Any] = super().get_environment()
        server, address = self.channel.server, self.channel.addr[0]
        held = sum(channel.addr[0] == address for channel in list(server.active_channels.values()))
        environ[CONNECTIONS_LEFT] = (server.most, max(0, server.most - held))
        return environ


class Refusal(Task):  # type: ignore[misc]  # waitress ships no types.
    """Answers 503 without asking the application anything."""

    def execute(self) -> None:
        """Write the one fixed answer."""
        self.complete = True
        self.status = "503 Service Unavailable"
        self.content_length = len(_REFUSAL)
        self.response_headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(_REFUSAL))),
            ("Retry-After", str(RETRY_AFTER_S)),
            ("Cache-Control", "no-store"),
        ]
        self.write(_REFUSAL)


class BoundedChannel(HTTPChannel):  # type: ignore[misc]  # waitress ships no types.
    """One connection."""

    refused = False
    queued_at = 0.0
    _began = 0.0
    _bytes = 0

    def parser_class(self, adj: Any) -> BoundedParser:
        """Begin to read a request from this connection's address; waitress calls it by this name."""
        return BoundedParser(adj, address=self.addr[0])

    def received(self, data: bytes) -> Any:
        """Take bytes in, and note when the request that they belong to began."""
        if self.request is None:
            self._began, self._bytes = time.monotonic(), 0
        self._bytes += len(data)
        return super().received(data)

    def service(self) -> None:
        """Answer one request, or refuse it for the time that it waited."""
        late = time.monotonic() - self.queued_at > LONGEST_QUEUE_S
        self.task_class = Refusal if self.refused or late else CountedTask
        self.refused = False
        super().service()

    def outstays(self, *, now: float, clock: float) -> bool:
        """Whether this connection has been held for too long.

        Args:
            now: Monotonic seconds.
            clock: Wall-clock seconds, as waitress notes its last activity.
        """
        idle_s = clock - self.last_activity
        if self.requests:
            # A thread is at work; or it waits for a reader who takes nothing, and would wait for ever.
            return bool(self.total_outbufs_len > self.adj.outbuf_high_watermark and idle_s > IDLE_S)
        if self.request is not None and not self.request.completed:
            return now - self._began > PATIENCE_S + self._bytes / BYTES_A_SECOND
        return bool(idle_s > (IDLE_S if self.last_activity > self.creation_time else BEGIN_S))


class BoundedDispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress ships no types.
    """Threads for requests, and one beside them that tells how we are and refuses what is too much."""

    def __init__(self, threads: int) -> None:
        """Start the threads."""
        super().__init__()
        # waitress warns for each request that waits; a queue is no fault, and it is bounded here.
        self.queue_logger.disabled = True
        self._beside = ThreadedTaskDispatcher()
        self._beside.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, task: BoundedChannel) -> None:
        """Queue a connection's next request, if its turn will come in time."""
        now = time.monotonic()
        task.queued_at = now
        if task.requests[0].path in HEALTH:
            self._beside.add_task(task)
            return
        with self.lock:
            first = self.queue[0] if self.queue else None
        if first is not None and now - first.queued_at > QUEUE_S:
            task.refused = True
            self._beside.add_task(task)
            return
        super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> Any:  # noqa: FBT001, FBT002  waitress' own.
        """Finish, then stop the thread beside too."""
        done = super().shutdown(cancel_pending, timeout)
        self._beside.shutdown(cancel_pending, 1)
        return done


class BoundedServer(TcpWSGIServer):  # type: ignore[misc]  # waitress ships no types.
    """waitress' server with our bounds."""

    channel_class = BoundedChannel

    def __init__(
        self,
        application: Any,
        *,
        host: str,
        port: int,
        max_body_bytes: int,
        connections_an_address: int = CONNECTIONS_AN_ADDRESS,
        threads: int = THREADS,
        room_for: RoomFor = lambda _method, _path, _headers, _address: 0,
    ) -> None:
        """Listen.

        Args:
            application: The WSGI application.
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            max_body_bytes: Of a request; a larger one is refused while it comes.
            connections_an_address: How many connections one address may hold.
            threads: How many requests are worked on at once.
            room_for: Where more than ``max_body_bytes`` is taken; asked when a request's headers are there.
        """
        self.most = connections_an_address
        adjustments = Adjustments(
            host=host,
            port=port,
            ident="",
            threads=threads,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=max_body_bytes,
            connection_limit=CONNECTIONS,
            cleanup_interval=1,
            asyncore_use_poll=True,
            # What is not read yet waits in memory, where it was made: waitress would put it on disk, open to all.
            outbuf_overflow=_NEVER_ON_DISK,
        )
        adjustments.room_for = room_for
        super().__init__(
            application,
            dispatcher=BoundedDispatcher(threads),
            adj=adjustments,
        )

    def handle_accept(self) -> None:
        """Take a connection, unless its address holds enough of them."""
        held = Counter(channel.addr[0] for channel in list(self.active_channels.values()))
        try:
            accepted = self.accept()
        except OSError:
            return
        if accepted is None:
            return
        connection, address = accepted
        if held[address[0]] >= self.most:
            with suppress(OSError):
                connection.send(_TOO_MANY_CONNECTIONS)
            connection.close()
            return
        self.set_socket_options(connection)
        self.channel_class(self, connection, address, self.adj, map=self._map)

    def maintenance(self, now: float) -> None:
        """Let go of connections that are held without need; waitress calls it each second."""
        monotonic = time.monotonic()
        for channel in list(self.active_channels.values()):
            if not channel.outstays(now=monotonic, clock=now):
                continue
            if channel.total_outbufs_len:
                # Its socket takes nothing more, so the loop would never come to it.
                channel.handle_close()
            else:
                channel.will_close = True
