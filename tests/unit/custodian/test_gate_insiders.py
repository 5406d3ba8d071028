from dataclasses import replace
from itertools import combinations
from math import ceil, sqrt

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from services.custodian.gate.allowed import Block, least_allowed, least_known, most_held
from services.custodian.gate.insiders import attack_as_host, attack_as_pair, total_beliefs
from services.custodian.gate.posterior import Belief
from services.custodian.gate.release import PublicTable
from services.custodian.gate.simulating import certainty
from shared.codelists.plan import Minimums
from tests.unit.custodian.gate_cases import FAST, blocks, given, opened, plan, release, rules, shown, table

AB = plan(table("T", ["A", "B"]), cell_hosts=1, max_share=1.0)
"""A plan without host minimum and share bound, so that the figures alone speak."""
RULES = plan(table("T", ["A", "B"]))
MINIMUMS = Minimums(cell_hosts=3, max_share=0.8)


def planted(cells, rounded, people, of_plan=AB):
    """A release of one table over blocks said outright."""
    of_blocks = blocks(people, {("T", 1, code): block for code, block in cells.items()})
    candidate = release(of_plan, sum(rounded.values()), shown("T", 1, rounded))
    return given(candidate, of_blocks)


def by_hosts(a, b, rounded):
    """A release of one table under the real rules, by the hosts' true counts in A and in B."""
    hosts = [{"T": {"A": x, "B": y}} for x, y in zip(a, b, strict=True)]
    return given(release(RULES, sum(rounded.values()), shown("T", 1, rounded)), opened(RULES, *hosts))


def may_be_shown(cell):
    """The rules of a cell, said once more: three hosts, and the root of the squares at most 0.8 of the sum."""
    return sum(h > 0 for h in cell) >= 3 and 25 * sum(h * h for h in cell) <= 16 * sum(cell) ** 2


def splits(people, hosts):
    """Every way to give people to hosts, in falling order."""
    if hosts == 1:
        yield (people,)
        return
    for first in range(people, -1, -1):
        for rest in splits(people - first, hosts - 1):
            if not rest or rest[0] <= first:
                yield (first, *rest)


class TestBounds:
    @settings(deadline=None)
    @drawn(st.lists(st.integers(1, 60), min_size=2, max_size=12))
    def test_no_real_host_or_pair_holds_more(self, hosts):
        """The bounds of decisions 5, in whole numbers; no division of a cell over hosts exceeds them."""
        n, s, q = len(hosts), sum(hosts), sum(h * h for h in hosts)
        two = sum(sorted(hosts)[-2:])
        assert max(hosts) <= most_held(Block(n, s, q), 1) <= s - max(n - 1, ceil(s - sqrt(q) - 1e-9))
        assert two <= most_held(Block(n, s, q), 2) <= s - max(n - 2, ceil(s - sqrt(2 * q) - 1e-9))

    def test_bounds_of_a_cell_by_hand(self):
        """30 people of 4 hosts, squares 556: one holds 23 at most, two 28."""
        assert (most_held(Block(4, 30, 556), 1), most_held(Block(4, 30, 556), 2)) == (23, 28)

    @drawn(st.lists(st.integers(1, 25), min_size=3, max_size=3))
    @settings(deadline=None)
    def test_of_three_hosts_the_block_tells_who_holds_most(self, hosts):
        """Whole numbers: what a pair is taken to hold of three hosts is held by some pair with the same block.

        A gate that took more would hold back for some truths and not for others, and who replays it would see that.
        """
        s, q = sum(hosts), sum(h * h for h in hosts)
        same = [
            (a, b, s - a - b) for a in range(1, s) for b in range(1, s - a) if a * a + b * b + (s - a - b) ** 2 == q
        ]
        assert most_held(Block(3, s, q), 2) == max(s - a for a, _, _ in same)

    def test_nobody_in_a_cell(self):
        """Of an empty cell nobody holds anything."""
        assert most_held(Block(0, 0, 0), 1) == most_held(Block(0, 0, 0), 2) == 0


class TestRulesKnown:
    """What follows from the rules for hosts that hold much of a shown cell (docs/decisions/0027)."""

    @pytest.mark.parametrize(
        ("own", "least"),
        [
            ((11,), 14),  # 11, 1, 1 fails the share bound; 11, 1, 1, 1 passes it.
            ((1,), 3),  # Three hosts, one person each.
            ((40, 33), 74),  # Two hosts know that a third contributes.
            ((72, 1), 91),  # An uneven pair knows much more: the greater host may not dominate.
            ((), 3),
            ((0, 0), 3),
        ],
    )
    def test_by_hand(self, own, least):
        """The worked examples: 13 fails and 14 passes; 73 of a pair need one more, unless one of them has nearly all."""
        assert least_allowed(own, others=6, minimums=MINIMUMS) == least

    @pytest.mark.parametrize("own", [(4,), (7,), (8,), (11,), (13,), (5, 1), (6, 2), (8, 1), (9, 9), (12, 2)])
    def test_by_trying_every_division(self, own):
        """It is the least count of which some division over three other hosts passes the rules."""
        found = next(
            sum(own) + rest for rest in range(60) if any(may_be_shown((*own, *others)) for others in splits(rest, 3))
        )
        assert least_allowed(own, others=3, minimums=MINIMUMS) == found

    @settings(deadline=None, max_examples=40)  # A busy machine is no fault of the rule.
    @drawn(st.lists(st.integers(0, 30), min_size=5, max_size=9).filter(may_be_shown))
    def test_no_real_host_or_pair_knows_more(self, hosts):
        """Of a cell that may be shown, what any host or pair knows is at most what the gate takes it to know."""
        block = Block(sum(h > 0 for h in hosts), sum(hosts), sum(h * h for h in hosts))
        for together in (1, 2):
            others = len(hosts) - together
            known = [least_allowed(own, others=others, minimums=MINIMUMS) for own in combinations(hosts, together)]
            taken = least_known(block, together, others=others, minimums=MINIMUMS, floor=0)
            assert max(known) <= taken <= sum(hosts)

    def test_what_the_gate_takes_them_to_know_by_hand(self):
        """The two examples by their opened blocks alone, without any host's count."""
        eleven, pair = Block(4, 14, 124), Block(3, 74, 40**2 + 33**2 + 1)
        assert least_known(eleven, 1, others=6, minimums=MINIMUMS, floor=6) == 14
        assert least_known(pair, 2, others=5, minimums=MINIMUMS, floor=66) == 74

    def test_every_small_cell(self):
        """Every cell of up to 13 people over five hosts: never below what a real host or pair knows, nor above truth."""
        for people in range(3, 14):
            for hosts in splits(people, 5):
                if may_be_shown(hosts):
                    block = Block(sum(h > 0 for h in hosts), people, sum(h * h for h in hosts))
                    for own, others in ((hosts[:1], 4), (hosts[:2], 3)):
                        taken = least_known(block, len(own), others=others, minimums=MINIMUMS, floor=0)
                        assert least_allowed(own, others=others, minimums=MINIMUMS) <= taken <= people


class TestWorkedExamples:
    """Releases that the gate let out while its insiders did not know the rules."""

    def test_eleven_of_fourteen_shown_as_ten(self):
        """By host 11, 1, 1, 1, shown as 10: who has 11 knows that the rest is exactly 3."""
        case = by_hosts([11, 1, 1, 1, 0, 0, 0], [9, 8, 7, 9, 8, 7, 8], {"A": 10, "B": 60})
        assert ("HOST_EXACT", "T") in rules(attack_as_host(case))

    def test_certainty_harms_its_own_table_and_no_other(self):
        """Belief that adds up to a hair above 1 is certainty, not an error that would take every table along."""
        found = Belief(cells=({14: 1.0 + 2**-52},), effective=20_000.0)
        assert certainty(found, 0) == 1.0

    def test_shown_as_fifteen_it_may_leave(self):
        """Twin: the same cell rounded up leaves 14 to 19."""
        case = by_hosts([11, 1, 1, 1, 0, 0, 0], [9, 8, 7, 9, 8, 7, 8], {"A": 15, "B": 55})
        assert attack_as_host(case) == []

    @pytest.mark.parametrize(("certainty_allowed", "named"), [(0.7, True), (0.9, False)])
    def test_ten_of_thirteen_shown_as_ten(self, certainty_allowed, named):
        """By host 10, 1, 1, 1, shown as 10: the rules leave 13 and 14, four to one; subtracting alone leaves five."""
        case = by_hosts([10, 1, 1, 1, 0, 0, 0], [9, 8, 7, 9, 8, 7, 9], {"A": 10, "B": 60})
        found = rules(attack_as_host(replace(case, settings=replace(FAST, certainty=certainty_allowed))))
        assert found == ({("HOST_POSTERIOR", "T")} if named else set())

    def test_a_pair_with_73_of_74_shown_as_70(self):
        """A pair with 40 and 33 knows that a third host has one at least, and 74 is the most that 70 can be."""
        case = by_hosts([40, 33, 1, 0, 0, 0, 0], [9, 8, 7, 9, 8, 7, 8], {"A": 70, "B": 60})
        assert ("PAIR_EXACT", "T") in rules(attack_as_pair(case))
        assert ("HOST_EXACT", "T") not in rules(attack_as_host(case))

    def test_an_uneven_pair(self):
        """By host 19, 1, 1, 1, 1, shown as 20: an even pair with 20 would leave 21 to 24, this one knows 24."""
        assert least_allowed((19, 1), others=5, minimums=MINIMUMS) == 24
        assert least_allowed((10, 10), others=5, minimums=MINIMUMS) == 21
        assert not may_be_shown((19, 1, 1, 1, 1))
        assert may_be_shown((19, 1, 1, 1, 1, 1))
        case = by_hosts([19, 1, 1, 1, 1, 1, 0], [9, 8, 7, 9, 8, 7, 8], {"A": 20, "B": 60})
        assert ("PAIR_EXACT", "T") in rules(attack_as_pair(case))

    def test_without_the_rules_nobody_knows(self):
        """Twin: insiders who do not know host minimum and share bound are left several values of the same cells."""
        blind = planted({"A": (4, 14, 124), "B": (7, 56, 452)}, {"A": 10, "B": 60}, 70)
        assert ("HOST_EXACT", "T") not in rules(attack_as_host(blind))

    def test_the_public_prior_makes_insiders_sure_of_what_is_rare(self):
        """A rest of 1 or 2 that the public shares all but exclude: with them the gate holds back, without it does not."""
        case = by_hosts([12, 11, 1, 1, 1, 0, 0], [90, 80, 70, 90, 80, 70, 80], {"A": 25, "B": 560})
        assert attack_as_pair(case) == []
        rare = PublicTable(period="2026", table="T", counts={"A": 0, "B": 1_000_000})
        assert rules(attack_as_pair(replace(case, public=(rare,)))) == {("PAIR_POSTERIOR", "T")}


class TestTotals:
    """A quarter publishes one number of people: its insiders subtract as well, and know the same rules."""

    def quarter(self, hosts, people):
        """A release of the total alone, by the hosts' people."""
        return given(release(plan(), people, hosts=len(hosts)), opened(RULES, *({"T": {"A": n}} for n in hosts)))

    def test_a_host_that_knows_the_least_total_knows_the_rest(self):
        """39 of 49 people, shown as 45: 48 would fail the share bound and 49 is the most that 45 can be."""
        case = self.quarter([39, *[1] * 10], 45)
        assert list(total_beliefs(case, 1)) == [49]
        assert rules(attack_as_host(case)) == {("HOST_EXACT", "PEOPLE")}

    def test_rounded_up_it_may_leave(self):
        """Twin: the same people shown as 50 are 49 to 54, and the rest is no small number."""
        assert attack_as_host(self.quarter([39, *[1] * 10], 50)) == []

    def test_a_pair_that_is_all_but_certain_of_a_small_rest(self):
        """12 and 11 of 24, shown as 20, with a rest of 1: the least of which they know is the most that 20 can be."""
        assert rules(attack_as_pair(self.quarter([12, 11, 1, 0, 0], 20))) == {("PAIR_EXACT", "PEOPLE")}

    def test_even_hosts(self):
        """Twin: nine hosts with four each leave a rest of 28 or more, and every value that rounding allows."""
        case = self.quarter([4] * 9, 35)
        assert attack_as_pair(case) == attack_as_host(case) == []
        assert list(total_beliefs(case, 2)) == list(range(31, 40))


class TestPairs:
    def test_three_singletons(self):
        """#135 of sdcTools: of three people at three hosts, two hosts know the rest is one, of a cell of 3."""
        assert most_held(Block(3, 3, 3), 2) == 2

    def test_a_rest_that_has_one_value_left(self):
        """A rest of 1 in A and 0 in B, while A was rounded up by 4: it cannot be 0, so it is 1."""
        case = planted({"A": (3, 36, 654), "B": (2, 44, 1000)}, {"A": 40, "B": 40}, 80)
        assert ("PAIR_EXACT", "T") in rules(attack_as_pair(case))

    @pytest.mark.parametrize(("certainty", "named"), [(0.75, True), (0.9, False)])
    def test_a_rest_with_two_values_left(self, certainty, named):
        """Rests of 1 and 1, the cells rounded away from each other: by hand, one value has 0.32 of 0.40, so 0.8."""
        case = planted({"A": (3, 44, 938), "B": (3, 46, 1026)}, {"A": 40, "B": 50}, 90)
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
