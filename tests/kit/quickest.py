"""Compares what several things cost on a machine that may do anything else meanwhile."""

import math
from collections.abc import Callable, Mapping

_TRIES = 3
_ALIKE = 1.3


def quickest(asked: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, float]:
    """Give the least that each took, the others by turns between.

    Other work only ever adds to a time, so the least of several is nearest to what a thing itself costs; a difference
    that is really there stands in every one of them. Further rounds are taken, up to three times as many in all, while
    they do not look alike: a lack of luck passes, a difference does not.

    Args:
        asked: Does one thing and gives what it took.
        rounds: How often each is done before the first look.
    """
    best = dict.fromkeys(asked, math.inf)
    for _ in range(_TRIES):
        for _ in range(rounds):
            for name, take in asked.items():
                best[name] = min(best[name], take())
        if max(best.values()) < _ALIKE * min(best.values()):
            break
    return best
