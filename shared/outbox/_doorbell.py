"""The doorbell: a change stream that only says "something was committed"; polling is the truth while it is broken.

One stream watches a service's outbox for everybody in the process who listens. A stream can die (the log rolled
over, a step-down); then every bell polls until the stream is opened again, and each opening rings, since what was
committed in between was seen by nobody. Nothing is ever read from it but that there is something.

Shown by tests/kernel/test_doorbell.py. Limit: a stream over several databases would need the right to read all of
them, which no user of ours has; so it is one stream for each service that a process relays
(docs/decisions/0033-light-tenants.md).
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.kernel.stopping import CanStop, Stop, Wake, pause, wait_for
from shared.telemetry.metric_names import DOORBELL_FALLBACKS
from shared.telemetry.metrics import counter

_REOPEN_S = 5.0
_AWAIT_MS = 20_000
_SILENT_S = 30.0
"""So long without an answer and the server is taken for dead, whatever the client's own bound."""
_PIPELINE: list[dict[str, Any]] = [{"$match": {"operationType": "insert"}}, {"$project": {"_id": 1}}]


class Bell:
    """One listener's: rung by each commit, until it is heard."""

    def __init__(self, doorbell: "Doorbell") -> None:
        """Bind to the doorbell that rings it."""
        self._doorbell = doorbell
        self._wake = Wake()

    @property
    def is_whole(self) -> bool:
        """Whether it will ring; where not, its owner polls."""
        return self._doorbell.is_whole

    def ring(self) -> None:
        """Wake the listener."""
        self._wake.set()

    def wait(self, within_s: float, stop: CanStop) -> bool:
        """Wait for a ring, so many seconds at most, or for the stop; give whether it rang."""
        rung = wait_for(self._wake.fileno(), stop, within_s)
        self._wake.clear()
        return rung


class Doorbell:
    """Watches one service's outbox on a thread of its own while anybody listens."""

    def __init__(self, client: MongoClient[dict[str, Any]], database: str, *, service: str) -> None:
        """Remember what to watch, and for whom."""
        self._service = service
        self._collection = client[database]["outbox"]
        self._lock = threading.Lock()
        self._bells: list[Bell] = []
        self._closed: Stop | None = None
        self.is_whole = False

    @contextlib.contextmanager
    def listen(self) -> Iterator[Bell]:
        """Give a bell; the stream is open while somebody has one."""
        bell = Bell(self)
        with self._lock:
            self._bells.append(bell)
            if self._closed is None:
                self._closed = Stop()
                # It may wait for the server's next answer when nobody listens any more; nobody waits for it.
                threading.Thread(target=self._watch, args=(self._closed,), name="doorbell", daemon=True).start()
        try:
            yield bell
        finally:
            with self._lock:
                self._bells.remove(bell)
                if not self._bells:
                    self._closed.set()
                    self._closed = None

    def _watch(self, closed: Stop) -> None:
        while not closed.is_set():
            # Whoever closes the client while nobody listens any more ends the wait by an error of any kind.
            with contextlib.suppress(PyMongoError):
                self._hear(closed)
            if not closed.is_set():
                self._turn(whole=False)
                counter(DOORBELL_FALLBACKS).add(1, service=self._service)
            pause(closed, _REOPEN_S)

    def _hear(self, closed: Stop) -> None:
        with self._collection.watch(_PIPELINE, max_await_time_ms=_AWAIT_MS) as stream:
            self._turn(whole=True)
            while stream.alive and not closed.is_set():
                with pymongo.timeout(_SILENT_S):
                    found = stream.try_next()
                if found is not None:
                    self._ring()

    def _turn(self, *, whole: bool) -> None:
        self.is_whole = whole
        self._ring()

    def _ring(self) -> None:
        with self._lock:
            bells = list(self._bells)
        for bell in bells:
            bell.ring()
