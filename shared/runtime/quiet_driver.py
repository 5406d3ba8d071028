"""Lets PyMongo's own threads wait for what they wait for, instead of looking at their clocks twice a second.

PyMongo gives each client two threads that sleep half a second at a time, and each read that waits for an answer looks
up as often. In an idle process of ours that is two thirds of its CPU (docs/decisions/0033-light-tenants.md). Here the
threads wait on a file descriptor: until their time has come, or until they are woken or closed, which they then see at
once instead of within half a second.

Promise: no periodic thread of the driver looks at its clock in between; one that is woken comes round, and one that is
closed ends, without waiting for its time; a read ends at its deadline as before
(``tests/unit/services/test_quiet_driver.py``).

Limit: two names inside PyMongo are replaced, as it has no setting for them. Where a version has them no longer, all
stays as PyMongo does it, and the test says so.
"""

import threading
import time
from typing import Any

from pymongo import network_layer, periodic_executor

from shared.kernel.stopping import Wake

READ_LOOK_S = 10.0
"""A read that is cancelled from outside sees it so late at most; its own deadline it never passes."""
CURSORS_EVERY_S = 10.0
"""Cursors that nobody read to their end are given back so late at most, instead of after a second."""
_CURSORS_THREAD = "pymongo_kill_cursors_thread"
_LOOK_NAME = "_POLL_TIMEOUT"
_PLAIN: Any = periodic_executor.PeriodicExecutor
_lock = threading.Lock()


class WaitingExecutor(_PLAIN):  # type: ignore[misc]
    """PyMongo's periodic thread, with a wait in place of short sleeps.

    The wait stands at the end of each round, and PyMongo is then told to skip its own. Waking takes no lock, as PyMongo
    closes executors from within the garbage collector.
    """

    def __init__(self, interval: float, min_interval: float, target: Any, name: str | None = None) -> None:
        """Take what PyMongo gives."""
        self._every_s = max(interval, CURSORS_EVERY_S) if name == _CURSORS_THREAD else interval
        self._at_least_s = min_interval
        self._round = target
        self._at_once = self._closed = False
        self._woken = Wake()
        super().__init__(interval, min_interval, self._go_round, name)

    def open(self) -> None:
        """Begin, or begin again after a close."""
        self._closed = False
        super().open()

    def wake(self) -> None:
        """Come round soon."""
        self._woken.set()

    def close(self, dummy: Any = None) -> None:
        """End; may be called by the garbage collector, on any thread."""
        self._closed = True
        super().close(dummy)
        self._woken.set()

    def update_interval(self, new_interval: float) -> None:
        """Wait so long between rounds from now on."""
        self._every_s = new_interval

    def skip_sleep(self) -> None:
        """Come round again without a wait."""
        self._at_once = True

    def _go_round(self) -> bool:
        if not self._round():
            return False
        if self._at_once:
            self._at_once = False
        else:
            began = time.monotonic()
            if self._woken.wait(self._every_s) and not self._closed:
                # However often it is woken, it comes round no more often than PyMongo means it to.
                time.sleep(max(0.0, began + self._at_least_s - time.monotonic()))
        self._woken.clear()
        super().skip_sleep()
        return True


def quieten() -> None:
    """Let the driver of this process wait so, from the next client on; once is enough."""
    with _lock:
        if periodic_executor.PeriodicExecutor is _PLAIN:
            periodic_executor.PeriodicExecutor = WaitingExecutor  # type: ignore[misc]
        if hasattr(network_layer, _LOOK_NAME):
            setattr(network_layer, _LOOK_NAME, READ_LOOK_S)
