"""The doorbell: a change stream that only says "something was committed"; polling is the truth.

A change stream can die (the log rolled over, a step-down); then the relay goes on by polling once a
second and the stream is opened again. Nothing is ever read from it.
"""

import contextlib
import threading
import time
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.bus.consumer import StopSignal
from shared.telemetry.metric_names import DOORBELL_FALLBACKS
from shared.telemetry.metrics import counter

_REOPEN_S = 5.0
_AWAIT_MS = 500


class Doorbell:
    """Watches one service's outbox on a thread of its own and rings on each insert."""

    def __init__(self, client: MongoClient[dict[str, Any]], database: str, *, service: str) -> None:
        """Remember what to watch, and for whom."""
        self._service = service
        self._collection = client[database]["outbox"]
        self._rung = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="doorbell", daemon=True)

    def __enter__(self) -> Self:
        """Start watching."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        self._closed.set()
        self._thread.join(timeout=2 * _AWAIT_MS / 1000)

    def wait(self, poll_s: float, stop: StopSignal) -> None:
        """Wait for a ring, or for the poll interval, or for the stop."""
        deadline = time.monotonic() + poll_s
        while not stop.is_set() and time.monotonic() < deadline:
            if self._rung.wait(timeout=min(0.1, poll_s)):
                self._rung.clear()
                return

    def _watch(self) -> None:
        only_inserts: list[dict[str, Any]] = [
            {"$match": {"operationType": "insert"}},
            {"$project": {"_id": 1}},
        ]
        while not self._closed.is_set():
            with (
                contextlib.suppress(PyMongoError),
                self._collection.watch(only_inserts, max_await_time_ms=_AWAIT_MS) as stream,
            ):
                while stream.alive and not self._closed.is_set():
                    if stream.try_next() is not None:
                        self._rung.set()
            if not self._closed.is_set():
                counter(DOORBELL_FALLBACKS).add(1, service=self._service)
            self._closed.wait(_REOPEN_S)
