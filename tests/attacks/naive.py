"""What others do instead, so that each attack is seen to succeed somewhere: none of this is the product's."""

import random
from itertools import combinations


def plain(value, _rng=None):
    """Publish the truth."""
    return value


def nearest(value, base=5):
    """Round to the nearest multiple, half up, each cell for itself."""
    return base * ((value + base // 2) // base)


def either_way(value, rng, base=5):
    """Round up with the residue's chance, each cell for itself."""
    low = base * (value // base)
    return low + base * (rng.random() < (value - low) / base)


def hidden(value, limit=5):
    """Hide what is small; a zero is printed."""
    return None if 0 < value < limit else value


def round_row(values, total, pull, base=5):
    """Round parts and their total jointly, up or down each: of all ways that add up, the one that pulls most.

    Args:
        values: The parts.
        total: Their sum.
        pull: For each part and at last the total, the gain of going up.

    Returns:
        (parts, total), rounded; by enumeration, so for short rows.
    """
    cells = (*values, total)
    movable = [n for n, value in enumerate(cells) if value % base]
    best, found = None, None
    for size in range(len(movable) + 1):
        for ups in combinations(movable, size):
            rounded = [base * (value // base) + base * (n in ups) for n, value in enumerate(cells)]
            if sum(rounded[:-1]) == rounded[-1]:
                gain = sum(pull[n] for n in ups)
                if best is None or gain > best:
                    best, found = gain, rounded
    return tuple(found[:-1]), found[-1]


def least_deviation(values, total, base=5):
    """Controlled rounding with the least sum of deviations: a fixed rule that anybody can run backwards."""
    return round_row(values, total, [2 * (v % base) / base - 1 for v in (*values, total)], base)


def keyed(values, total, seed, base=5):
    """Controlled rounding with drawn directions, one row alone."""
    rng = random.Random(seed)
    return round_row(values, total, [(v % base) / base - rng.random() for v in (*values, total)], base)
