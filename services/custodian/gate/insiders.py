"""Insiders: a host, or two together, who take out their own counts and know the exact total.

The gate does not know any host's count. From a cell's opened blocks it follows how much one host, or two, can
hold at most; it plays the insider who holds that most in every cell. Source: decisions 5.
"""

import math

from services.custodian.gate.model import Candidate, TrueCell

SINGLE, PAIR = 1, 2


def most_held(cell: TrueCell, *, insiders: int) -> int:
    """Give the most that one host (or two) can hold of a cell.

    Each other contributing host holds at least 1; and of k hosts' counts the sum is at most sqrt(k times the sum
    of their squares), which the cell's squares bound.
    """
    others = max(0, cell.hosts - insiders)
    beyond = math.ceil(cell.count - math.sqrt(insiders * cell.squares) - 1e-9)
    return max(0, cell.count - max(others, beyond, 0))


def holdings(candidate: Candidate, *, insiders: int) -> dict[tuple[str, str], int]:
    """Give the most held in every shown cell."""
    return {place: most_held(cell, insiders=insiders) for place, cell in candidate.truth.items()}
