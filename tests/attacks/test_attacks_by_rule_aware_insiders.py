"""Hosts that know their own people and every public rule: minimums, share bound, threshold, levels, what is missing.

A10, A11 and A2 together: an insider who knows why a figure may be shown at all knows more than the figure. Promise
under attack (decisions 5 and 8, docs/decisions/0027): no exact value of a rest, and for a rest of 1 to 9 no value
more than 0.8 certain. What leaves the gate keeps it; each twin is the same attack where the gate does not look.
"""

import functools
import random

import pytest

from tests.attacks import naive
from tests.attacks.rule_knowing import exact_rests, intervals, least, may_be_shown
from tests.attacks.simulating_attacker import posteriors
from tests.attacks.test_attacks_by_insiders import CERTAIN, NOISE, insider_of
from tests.kit.truth import LEVELS, REGION, REST, Person, Truth, key_of, names, truths

HOSTS = tuple("abcdefg")
KEYS = 16
CRIMINAL = ("EXPLOITATION_CRIMINAL", 1, "YES")


def with_criminal(name, *counts):
    """Seven hosts of middling size, of whom the first ones have these people in one cell."""
    rng = random.Random(name)
    people = []
    for host, few in zip(HOSTS, (*counts, *[0] * 7), strict=False):
        for n in range(few + rng.randrange(9, 13)):
            types = {"CRIMINAL"} if n < few else {("LABOUR", "SEXUAL", "DOMESTIC")[n % 3]}
            people.append(Person(host, rng.random() < 0.5, frozenset(types), ("ASIA", "AFRICA", REST)[n % 3]))
    return Truth(name, HOSTS, tuple(people), tuple(people))


ELEVEN = with_criminal("eleven", 11, 1, 1, 1)
PAIR = with_criminal("pair", 40, 33, 1)
UNEVEN = with_criminal("uneven", 19, 1, 1, 1, 1, 1)
each_planted = pytest.mark.parametrize("truth", [ELEVEN, PAIR, UNEVEN], ids=lambda truth: truth.name)
each_truth = pytest.mark.parametrize("truth", truths(), ids=names())


@functools.cache
def leaks(truth, keys):
    """Give the keys below this with which what is rounded, before the gate looks, leaves some host or pair one value."""
    return [n for n in range(keys) if any(exact_rests(truth, truth.release(key_of(n)), size) for size in (1, 2))]


def certainties(truth, number, release):
    """Give, for every host and pair and both priors, what is believed of each true rest of 1 to 9."""
    shares = {cell: count / max(1, len(truth.public)) for cell, count in truth.cells.items()}
    for size in (1, 2):
        for hosts, own in groups(truth, size):
            small = [c for c, _ in release.cells() if 1 <= truth.cells[c] - own.get(c, 0) <= 9]
            for prior in (None, shares) if small else ():
                found = posteriors(
                    release,
                    total=truth.total,
                    shares=prior,
                    insider=insider_of(truth, hosts),
                    seed=number,
                    draws=300,
                )
                yield from (found[cell].get(truth.cells[cell], 0.0) for cell in small)


def groups(truth, size):
    """Give each host, or pair, that has somebody, with its people by cell."""
    some = [host for host in truth.hosts if truth.by_host[host]]
    if size == 1:
        return [((host,), truth.by_host[host]) for host in some]
    return [((a, b), truth.by_host[a] + truth.by_host[b]) for n, a in enumerate(some) for b in some[n + 1 :]]


def tight(seed):
    """A cell of which one host has as much as the share bound lets it, and others one person each."""
    rng = random.Random(f"tight/{seed}")
    most = rng.choice([own for own in range(8, 24) if least((own,), 6) - own <= 6 and least((own,), 6) % 5 == 4])
    return with_criminal(f"tight{seed}", most, *[1] * (least((most,), 6) - most))


class TestPlanted:
    """Cells with which one host, an even pair and an uneven pair know the rest, if it is rounded down."""

    @pytest.mark.parametrize(
        ("cell", "own", "shown"),
        [((11, 1, 1, 1), (11,), 10), ((40, 33, 1), (40, 33), 70), ((19, 1, 1, 1, 1, 1), (19, 1), 20)],
    )
    def test_by_hand(self, cell, own, shown):
        """The rules leave one count: less would not be shown, more would not be shown as this."""
        assert may_be_shown(cell)
        assert least(own, len(HOSTS) - len(own)) == sum(cell) == shown + 4

    @each_planted
    def test_rounding_alone_gives_the_rest_away(self, truth):
        """Twin: with the protector alone, some coins leave one value of a rest of 1 to 9."""
        found = [
            rest
            for number in leaks(truth, KEYS)
            for size in (1, 2)
            for _, cell, rest in exact_rests(truth, truth.release(key_of(number)), size)
            if cell == CRIMINAL
        ]
        assert found
        assert set(found) <= set(range(1, 10))

    @each_planted
    def test_what_leaves_the_gate_does_not(self, truth):
        """With the same coins, what leaves the gate leaves no host and no pair one value, nor near certainty."""
        for number in leaks(truth, KEYS):
            release = truth.gated(key_of(number))
            assert not any(exact_rests(truth, release, size) for size in (1, 2))
            assert CRIMINAL[0] not in release.tables
            if number == leaks(truth, KEYS)[0]:
                assert all(chance <= CERTAIN - NOISE for chance in certainties(truth, number, release))

    @each_planted
    def test_with_other_coins_the_table_is_shown(self, truth):
        """The gate looks at what is shown: most coins round otherwise, and then the table stays."""
        leaking = leaks(truth, 4)
        shown = sum(CRIMINAL[0] in truth.gated(key_of(n)).tables for n in range(4) if n not in leaking)
        assert shown >= (4 - len(leaking)) // 2

    def test_who_does_not_know_the_rules_is_left_several_values(self):
        """Twin: subtracting alone, as the gate's insiders once did, says 11 to 14: so it let these releases out."""
        [number, *_] = leaks(ELEVEN, KEYS)
        release = ELEVEN.release(key_of(number))
        low, high = intervals(release, ELEVEN.total, [ELEVEN.by_host["a"]], 6)[CRIMINAL]
        assert (low, high) == (14, 14)
        assert max(release.tables[CRIMINAL[0]]["YES"] - 4, ELEVEN.by_host["a"][CRIMINAL]) == 11


class TestEveryHostAndPair:
    @each_truth
    def test_over_many_keys(self, truth):
        """Of what leaves the gate, every real host and pair, many coins: no rest has one value left."""
        for number in leaks(truth, KEYS):
            release = truth.gated(key_of(number))
            assert not any(exact_rests(truth, release, size) for size in (1, 2))

    def test_tight_cells(self):
        """Generated worst cases, just within the share bound: the rounding alone leaks some, the gate none."""
        leaking = [(truth, n) for truth in map(tight, range(10)) for n in leaks(truth, 4)]
        print(f"tight cells: {len(leaking)} of 40 releases leak a rest to hosts that know the rules, before the gate")
        assert len(leaking) >= 3
        for truth, number in leaking:
            release = truth.gated(key_of(number))
            assert not any(exact_rests(truth, release, size) for size in (1, 2))

    @pytest.mark.slow
    @pytest.mark.timeout(1800)
    @each_truth
    def test_over_two_hundred_keys(self, truth):
        """The same over two hundred coins, each through the gate, and nobody more than 0.8 certain."""
        certain = []
        for number in range(200):
            release = truth.gated(key_of(number))
            assert not any(exact_rests(truth, release, size) for size in (1, 2))
            if number < 20:
                certain += certainties(truth, number, release)
        assert all(chance <= CERTAIN - NOISE for chance in certain)


class TestWhatIsNotShown:
    """A level that is not shown says that it failed a rule: what do hosts make of it that know the rules?

    Never more than that a rest may be nobody: had the others nobody there, the cell would have one contributing
    host, or two, and would be hidden for certain. So hiding raises no small rest's odds against nothing at all.
    """

    @each_truth
    @pytest.mark.parametrize("size", [1, 2], ids=["single", "pairs"])
    def test_a_rest_of_nobody_is_always_hidden_too(self, truth, size):
        """For each hidden cell and group, the same period with the rest elsewhere: the level is hidden with any coin."""
        release = truth.release(key_of(0))
        hidden = {(table, level) for table, level, _ in truth.cells} - set(release.levels.items())
        for hosts, _ in groups(truth, size)[:4]:
            for table, level in hidden:
                if table != REGION and level == 1:
                    moved = self.without_others(truth, hosts, table)
                    assert all(table not in moved.release(key_of(n)).tables for n in range(3))

    def without_others(self, truth, hosts, table):
        """Nobody else than these hosts has the fact of a yes/no table; gender is left as it is."""
        item = table.removeprefix("EXPLOITATION_")
        people = tuple(
            p if p.host in hosts else Person(p.host, p.female, p.types - {item}, p.region, p.row, p.need)
            for p in truth.people
        )
        return Truth(truth.name, truth.hosts, people, truth.public)

    @each_truth
    def test_a_coarser_level_looks_the_same_whatever_stands_below(self, truth):
        """Region at level 2: had all others of the UK come from the rest of Europe, every figure would be the same."""
        for number in range(3):
            release = truth.release(key_of(number), finest={REGION: 2})
            for hosts, _ in groups(truth, 1)[:3]:
                people = tuple(
                    p if p.host in hosts or p.region != "UK" else Person(p.host, p.female, p.types, REST)
                    for p in truth.people
                )
                other = Truth(truth.name, truth.hosts, people, truth.public)
                assert other.release(key_of(number), finest={REGION: 2}) == release
                assert REGION not in other.release(key_of(number)).tables or (
                    other.release(key_of(number)).levels[REGION] > 1
                )
        assert LEVELS["UK"][1] == LEVELS[REST][1]

    def test_hiding_what_is_small_says_that_it_is_small(self):
        """Twin: with the old rule, cells of 1 to 4 hidden, zeros printed, a pair that has 3 knows a hidden rest is 1 at most."""
        possible = [rest for rest in range(10) if naive.hidden(3 + rest) is None]
        assert possible == [0, 1]
        assert [rest for rest in range(10) if naive.hidden(4 + rest) is None] == [0]
