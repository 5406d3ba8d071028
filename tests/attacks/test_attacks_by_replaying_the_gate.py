"""Insiders who replay the gate itself: a table that is shown was not held back, and that is a fact too.

Whether the gate holds back depends on true figures. Were it to hold back for one possible truth and not for another, who
sees the table could tell them apart. The attacker knows everything but the others' counts: for each possible rest and each
of its divisions over the other hosts, the gate's own functions say whether the table would have left.
"""

import functools
from collections import Counter
from math import factorial

import pytest

from services.custodian.gate.allowed import Block, least_known, most_held
from shared.codelists.plan import Minimums
from tests.attacks.rule_knowing import least, may_be_shown

MINIMUMS = Minimums(cell_hosts=3, max_share=0.8)
BASE, HOSTS, CERTAIN = 5, 7, 0.8


def chance(value, shown):
    """How likely a cell of a yes/no table is to be shown so, where the table's total is a multiple of 5.

    The cell goes up if its pull beats its complement's: both pulls are uniform, so their difference is triangular.
    """
    off = 1 - 2 * abs(value - shown) / BASE
    return 1.0 if value == shown else (1 - (1 - off) ** 2 / 2 if off >= 0 else (1 + off) ** 2 / 2)


def divisions(people, hosts, most=None):
    """Every way to give people to hosts, in falling order."""
    if not hosts:
        return [()] if not people else []
    most = people if most is None else most
    return [
        (first, *rest)
        for first in range(min(people, most), -1, -1)
        for rest in divisions(people - first, hosts - 1, first)
    ]


@functools.cache
def leaves(block, shown):
    """Whether the gate lets the cell out: what it takes one host or two to know leaves several values, none too likely."""
    for together in (1, 2):
        low = least_known(block, together, others=HOSTS - together, minimums=MINIMUMS, floor=shown - BASE + 1)
        left = [chance(value, shown) for value in range(low, shown + BASE)]
        small = 1 <= block.people - most_held(block, together) <= 9
        if len(left) <= 1 or (small and max(left) / sum(left) > CERTAIN - 0.01):
            return False
    return True


def belief(own, shown, lets_out):
    """Give what hosts with ``own`` believe of the cell's true count, having seen it shown."""
    others, found = HOSTS - len(own), {}
    for value in range(max(least(own, others), shown - BASE + 1), shown + BASE):
        out = every = 0
        for rest in divisions(value - sum(own), others):
            ways = factorial(others)
            for same in Counter(rest).values():
                ways //= factorial(same)
            every += ways
            out += ways * (may_be_shown((*own, *rest)) and lets_out((*own, *rest), shown))
        if out:
            found[value] = chance(value, shown) * out / every
    return {value: weight / sum(found.values()) for value, weight in found.items()}


def the_gate(cell, shown):
    contributing = [count for count in cell if count]
    return leaves(Block(len(contributing), sum(cell), sum(count * count for count in cell)), shown)


def holds_back_small_rests(cell, shown):
    """A naive gate: it holds back whatever leaves the greatest pair a true rest of 1 or 2."""
    return sum(sorted(cell)[:-2]) > 2


@pytest.mark.parametrize("own", [(8,), (11,), (13,), (19, 1), (21, 20), (33, 6), (34, 12)])
def test_who_replays_the_gate_is_not_certain_of_a_small_rest(own):
    """Whatever is shown: no rest of 1 to 9 is believed above 0.8 by hosts who also know that the gate let it pass."""
    seen = 0
    for shown in range(max(10, (sum(own) - 4) // 5 * 5), sum(own) + 10, 5):
        beliefs = belief(own, shown, the_gate)
        seen += bool(beliefs)
        assert all(b <= CERTAIN for value, b in beliefs.items() if 1 <= value - sum(own) <= 9)
    assert seen


def test_a_gate_that_looks_at_the_true_rest_gives_it_away():
    """Twin: held back at a true rest of 1 or 2, a pair with 71 that sees 70 knows that the rest is exactly 3."""
    assert set(belief((40, 31), 70, holds_back_small_rests)) == {74}
    assert len(belief((40, 31), 70, the_gate)) > 1
