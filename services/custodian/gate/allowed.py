"""What the rules of publication themselves tell insiders: the smallest count that a shown cell can have.

A cell is shown only if enough hosts contribute and none dominates it. So hosts that hold much of a shown cell
know that others hold some of it: 11 people of one host need 3 more, since 13 fail the share bound, and what is
shown as 10 is 14 at most. Source: docs/decisions/0027; tests/attacks/test_attacks_by_rule_aware_insiders.py.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.codelists.plan import Minimums

Whole = npt.NDArray[np.int64]

_FEWEST_OTHERS = 2
"""Fewer hosts beside the insiders' own are taken as two: a cohort that is opened has at least three."""


class Block(NamedTuple):
    """What is opened of one cell: contributing hosts, people, and the sum of the hosts' squared counts."""

    hosts: int
    people: int
    squares: int


class _Coalition(NamedTuple):
    """What some hosts may hold of a cell together: several cases, each with people and sum of squares."""

    contributing: int
    held: Whole
    squares: Whole


def least_allowed(own: Sequence[int], *, others: int, minimums: Minimums) -> int:
    """Give the smallest count with which a cell may be shown of which these hosts hold ``own``.

    Args:
        own: People of the cell by host; hosts with nobody may be left out.
        others: Hosts of the cohort beside them, contributing or not.
        minimums: The plan's.
    """
    held = _Coalition(
        contributing=sum(count > 0 for count in own),
        held=np.array([sum(own)]),
        squares=np.array([sum(count * count for count in own)]),
    )
    count = sum(own)
    while not _is_allowed(held, count, others, minimums)[0]:
        count += 1
    return count


def most_held(block: Block, together: int) -> int:
    """Give the most people of a cell that ``together`` of its hosts, one or two, can hold."""
    return max(int(one.held.max()) for one in _coalitions(block, together) if one.held.size)


def least_known(block: Block, together: int, *, others: int, minimums: Minimums, floor: int) -> int:
    """Give the greatest ``least_allowed`` of any hosts that the opened block allows.

    Uneven pairs count: of two pairs with as many people, that with the greater host needs more beside it.

    Args:
        block: Of a cell that keeps the minimums; no answer is above its count.
        together: One host or two.
        others: Hosts of the cohort beside them.
        minimums: The plan's.
        floor: What every attacker knows; the answer is never below.
    """
    coalitions = _coalitions(block, together)
    for count in range(block.people, floor, -1):
        if not all(_is_allowed(one, count - 1, others, minimums).all() for one in coalitions):
            return count
    return floor


def _is_allowed(one: _Coalition, count: int, others: int, minimums: Minimums) -> npt.NDArray[np.bool_]:
    """Whether the cell may have this count: the rest over the others as evenly as it goes dominates least."""
    needed = max(0, minimums.cell_hosts - one.contributing)
    rest = count - one.held
    share = Fraction(minimums.max_share).limit_denominator(10_000)
    spread = one.squares + _least_squares(np.maximum(rest, 0), max(others, needed, _FEWEST_OTHERS))
    undominated = spread * share.denominator**2 <= count * count * share.numerator**2
    return np.asarray((rest >= needed) & undominated, dtype=np.bool_)


def _coalitions(block: Block, together: int) -> list[_Coalition]:
    """Give, for 0, 1, … contributing hosts, what they can hold together, each with its greatest sum of squares."""
    nobody = np.zeros(1, dtype=np.int64)
    found = [_Coalition(contributing=0, held=nobody, squares=nobody)]
    every = np.arange(1, block.people + 1, dtype=np.int64)
    for contributing in range(1, min(together, block.hosts) + 1):
        left = block.hosts - contributing
        held = every[(every >= contributing) & ((block.people - every >= left) if left else (every == block.people))]
        rest = block.people - held
        others_at_most = (rest - left + 1) ** 2 + left - 1 if left else rest
        most = block.squares - _least_squares(rest, max(left, 1))
        squares = held**2 if contributing == 1 else _greatest_of_two(held, most)
        may = (squares <= most) & (squares >= block.squares - others_at_most)
        found.append(_Coalition(contributing=contributing, held=held[may], squares=squares[may]))
    return found


def _greatest_of_two(people: Whole, most: Whole) -> Whole:
    """Give the greatest sum of squares, not above ``most``, of two whole numbers above 0 that add up to the people.

    Where even the most equal two are above ``most``, theirs.
    """
    apart = np.sqrt(np.maximum(2 * most - people**2, 0))
    greater = np.minimum(people - 1, ((people + apart) // 2).astype(np.int64))
    # A root may come out a hair too large or too small.
    greater -= (greater**2 + (people - greater) ** 2 > most) & (2 * greater > people + 1)
    up = np.minimum(people - 1, greater + 1)
    greater = np.where(up**2 + (people - up) ** 2 <= most, up, greater)
    greater = np.maximum(greater, people - people // 2)
    return np.asarray(greater**2 + (people - greater) ** 2, dtype=np.int64)


def _least_squares(people: Whole, hosts: int) -> Whole:
    """Give the least sum of squares of people over hosts: as evenly as whole numbers go."""
    each, more = np.divmod(people, hosts)
    return np.asarray(more * (each + 1) ** 2 + (hosts - more) * each**2, dtype=np.int64)
