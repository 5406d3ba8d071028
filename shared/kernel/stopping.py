"""Being told to stop, and waiting for something else meanwhile without looking again and again.

Promise: whoever waits is woken at once, however many wait (``tests/unit/shared/test_stopping.py``); ``set`` takes no
lock, so that a signal handler may call it whatever its thread was doing. Limit: Linux (an event is a file descriptor).
"""

import os
import select
import threading
import time
import weakref
from collections.abc import Callable
from typing import Protocol

_LOOK_S = 0.1
"""How often a stop signal is looked at that cannot wake a waiter."""


class CanStop(Protocol):
    """What tells a loop to finish."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


class Wake:
    """An event that can be waited for together with others: by its file descriptor."""

    def __init__(self) -> None:
        """Begin unset."""
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        # Not at the end of the interpreter: who is told to stop then, such as a driver's thread, still writes to it.
        weakref.finalize(self, os.close, self._descriptor).atexit = False

    def fileno(self) -> int:
        """Give what can be read once the event is set."""
        return self._descriptor

    def set(self) -> None:
        """Wake whoever waits, now and from now on."""
        os.eventfd_write(self._descriptor, 1)

    def is_set(self) -> bool:
        """Whether it was set and not cleared since."""
        return _wait_for_any([self._descriptor], 0.0)

    def clear(self) -> None:
        """Begin anew."""
        try:
            os.eventfd_read(self._descriptor)
        except BlockingIOError:
            return

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, at most so many seconds; give whether it is."""
        return _wait_for_any([self._descriptor], timeout)


class Stop(threading.Event):
    """A stop signal, seen at once by whoever waits for anything with ``wait_for``."""

    def __init__(self) -> None:
        """Begin unset."""
        super().__init__()
        self._wake = Wake()
        self._is_set = False

    def fileno(self) -> int:
        """Give what can be read once it is set."""
        return self._wake.fileno()

    def set(self) -> None:
        """Tell everybody to stop."""
        self._is_set = True
        self._wake.set()

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._is_set

    def clear(self) -> None:
        """Begin anew."""
        self._is_set = False
        self._wake.clear()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, at most so many seconds; give whether it is."""
        return self._wake.wait(timeout)


def wait_for(wanted: int, stop: CanStop, within_s: float, *, meanwhile: Callable[[], None] | None = None) -> bool:
    """Wait until something can be read, until told to stop, or until the time has passed.

    Args:
        wanted: A file descriptor, such as a ``Wake``'s or a socket's.
        stop: A ``Stop`` or what passes its ``fileno`` on wakes at once; any other is looked at ten times a second.
        within_s: Seconds.
        meanwhile: Called at each look at a stop signal that cannot wake.

    Returns:
        Whether something can be read.
    """
    descriptor = _descriptor_of(stop)
    if descriptor is not None:
        _wait_for_any([wanted, descriptor], within_s)
        return _wait_for_any([wanted], 0.0)
    deadline = time.monotonic() + within_s
    while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
        if _wait_for_any([wanted], min(_LOOK_S, left)):
            return True
        if meanwhile is not None:
            meanwhile()
    return _wait_for_any([wanted], 0.0)


def pause(stop: CanStop, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    descriptor = _descriptor_of(stop)
    if descriptor is not None:
        _wait_for_any([descriptor], seconds)
        return
    deadline = time.monotonic() + seconds
    while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(_LOOK_S, left))


def _descriptor_of(stop: CanStop) -> int | None:
    """Give what wakes for this stop signal, if anything does."""
    give: Callable[[], int | None] | None = getattr(stop, "fileno", None)
    return give() if give is not None else None


def _wait_for_any(descriptors: list[int], timeout_s: float | None) -> bool:
    # Not select.select, which takes no descriptor above 1,023.
    waiting = select.poll()
    for descriptor in descriptors:
        waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(None if timeout_s is None else max(0.0, timeout_s) * 1000))
