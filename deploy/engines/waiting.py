"""Wait for a fact with a deadline; a pause is never taken for a proof."""

import time
from collections.abc import Callable

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.25


def wait_until(condition: Callable[[], bool], *, within_s: float) -> bool:
    """Ask ``condition`` again and again, with growing pauses of 20 to 250 ms.

    Returns:
        True as soon as it holds; False when it still does not after ``within_s`` seconds.
    """
    deadline = time.monotonic() + within_s
    pause = _FIRST_PAUSE_S
    while not condition():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)
    return True
