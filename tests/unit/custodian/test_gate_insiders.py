from dataclasses import replace
from math import ceil, sqrt

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from services.custodian.gate.insiders import attack_as_host, attack_as_pair, most_of_one, most_of_two
from tests.unit.custodian.gate_cases import FAST, blocks, given, opened, plan, release, rules, shown, table

AB = plan(table("T", ["A", "B"]), cell_hosts=1)


def planted(cells, rounded, people):
    """A release of one table over blocks said outright."""
    of_blocks = blocks(people, {("T", 1, code): block for code, block in cells.items()})
    candidate = release(AB, sum(rounded.values()), shown("T", 1, rounded))
    return given(candidate, of_blocks)


class TestBounds:
    @drawn(st.lists(st.integers(1, 60), min_size=2, max_size=12))
    def test_no_real_host_or_pair_holds_more(self, hosts):
        """The bounds of decisions 5, in whole numbers; no division of a cell over hosts exceeds them."""
        n, s, q = len(hosts), sum(hosts), sum(h * h for h in hosts)
        two = sum(sorted(hosts)[-2:])
        assert max(hosts) <= most_of_one(n, s, q) <= s - max(n - 1, ceil(s - sqrt(q) - 1e-9))
        assert two <= most_of_two(n, s, q) <= s - max(n - 2, ceil(s - sqrt(2 * q) - 1e-9))

    def test_bounds_of_a_cell_by_hand(self):
        """30 people of 4 hosts, squares 556: one holds 23 at most, two 28."""
        assert (most_of_one(4, 30, 556), most_of_two(4, 30, 556)) == (23, 28)


class TestPairs:
    def test_three_singletons(self):
        """#135 of sdcTools: of three people at three hosts, two hosts know the rest is one, of a cell of 3."""
        assert most_of_two(3, 3, 3) == 2

    def test_a_rest_that_has_one_value_left(self):
        """A rest of 1 in A and 0 in B, while A was rounded up by 4: it cannot be 0, so it is 1."""
        case = planted({"A": (3, 36, 650), "B": (2, 44, 1000)}, {"A": 40, "B": 40}, 80)
        assert ("PAIR_EXACT", "T") in rules(attack_as_pair(case))

    @pytest.mark.parametrize(("certainty", "named"), [(0.75, True), (0.9, False)])
    def test_a_rest_with_two_values_left(self, certainty, named):
        """Rests of 1 and 1, the cells rounded away from each other: by hand, one value has 0.32 of 0.40, so 0.8."""
        case = planted({"A": (3, 44, 1000), "B": (3, 46, 1100)}, {"A": 40, "B": 50}, 90)
        found = rules(attack_as_pair(replace(case, settings=replace(FAST, certainty=certainty))))
        assert found == ({("PAIR_POSTERIOR", "T")} if named else set())

    def test_a_cell_of_many_like_hosts(self):
        """Twin: seven hosts of like size leave a rest of dozens, whose spread is that of the rounding."""
        like = opened(AB, *({"T": {"A": 6, "B": 9}} for _ in range(7)))
        candidate = release(AB, 105, shown("T", 1, {"A": 40, "B": 65}))
        assert attack_as_pair(given(candidate, like)) == attack_as_host(given(candidate, like)) == []


class TestSingles:
    def test_one_host_with_all_but_one_person(self):
        """A host that holds all of A but one and all of B but none, of two hosts: nothing is left to guess."""
        case = planted({"A": (2, 36, 1226), "B": (1, 44, 1936)}, {"A": 40, "B": 40}, 80)
        assert ("HOST_EXACT", "T") in rules(attack_as_host(case))

    @pytest.mark.parametrize("rest", [10, 30])
    def test_a_large_rest_is_not_judged(self, rest):
        """A rest above 9 is no secret about a few people."""
        case = planted(
            {"A": (rest + 1, 40 + rest, 1600 + rest), "B": (rest + 1, 50 + rest, 2500 + rest)},
            {"A": 40 + rest, "B": 50 + rest},
            90 + 2 * rest,
        )
        assert attack_as_host(case) == []
