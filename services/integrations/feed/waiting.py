"""Where long polls wait: few places, so that a waiting reader never takes the last thread of an api.

Promise: at most ``PLACES`` requests wait at once, ``PLACES_EACH`` of one caller; whoever finds no place is answered at
once. Nobody waits longer than asked for, nor while the process drains.
Shown by tests/unit/integrations/test_waiting.py.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PLACES = 4
"""Of the twelve threads of an api (``shared.web.server``)."""
PLACES_EACH = 2
LONGEST_S = 30
LOOK_EVERY_S = 0.25
"""Seconds between two looks; each is one read of one small document."""


class WaitingRoom:
    """The places of one process."""

    def __init__(
        self,
        *,
        places: int = PLACES,
        each: int = PLACES_EACH,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the places; ``sleep`` and ``monotonic`` are the process' own clock but in tests."""
        self._places, self._each = places, each
        self._sleep, self._monotonic = sleep, monotonic
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def wait(self, who: str, within_s: float, *, until: Callable[[], bool], leave: Callable[[], bool]) -> bool:
        """Wait until something holds, for so long at most; give whether there was a place to wait at.

        Args:
            who: The caller, by whom places are counted.
            within_s: Seconds at most.
            until: What is waited for; looked at a few times a second.
            leave: Whether the process drains.
        """
        with self._place(who) as taken:
            if not taken:
                return False
            ends = self._monotonic() + min(within_s, LONGEST_S)
            while not until() and not leave() and (left := ends - self._monotonic()) > 0:
                self._sleep(min(LOOK_EVERY_S, left))
            return True

    @contextmanager
    def _place(self, who: str) -> Iterator[bool]:
        with self._lock:
            taken = self._held.total() < self._places and self._held[who] < self._each
            if taken:
                self._held[who] += 1
        try:
            yield taken
        finally:
            if taken:
                with self._lock:
                    self._held[who] -= 1
                    self._held += Counter()
