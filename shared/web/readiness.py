"""Asks whether we are ready, and answers within a second whatever hangs.

Promise: a check that does not answer in time counts as a no, and is not begun a second time while it hangs.
Shown by tests/unit/shared/web/test_web_readiness.py.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

WITHIN_S = 0.7
"""Seconds for all checks of one answer together."""
_FRESH_S = 0.5
"""Seconds for which an answer is given again, so that asking often costs nothing."""


class Readiness:
    """The checks of one process."""

    def __init__(self, checks: Mapping[str, Callable[[], bool]], *, within_s: float = WITHIN_S) -> None:
        """Take the checks by name; each raises nothing."""
        self._checks = checks
        self._within_s = within_s
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(checks)), thread_name_prefix="ready")
        self._running: dict[str, Future[bool]] = {}
        self._lock = threading.Lock()
        self._seen: dict[str, bool] = {}
        self._seen_at = float("-inf")

    @property
    def checks(self) -> dict[str, Callable[[], bool]]:
        """The same checks, each answered in time: the first that is asked asks all."""
        return {name: lambda name=name: self.look()[name] for name in self._checks}  # type: ignore[misc]

    def look(self) -> dict[str, bool]:
        """Give each check's answer."""
        with self._lock:
            if time.monotonic() - self._seen_at < _FRESH_S:
                return self._seen
            for name, check in self._checks.items():
                if name not in self._running:
                    self._running[name] = self._pool.submit(check)
            done, _ = wait(self._running.values(), timeout=self._within_s)
            self._seen = {name: future in done and bool(future.result()) for name, future in self._running.items()}
            self._running = {name: future for name, future in self._running.items() if future not in done}
            self._seen_at = time.monotonic()
            return self._seen
