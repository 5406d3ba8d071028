"""Hosts that know their own people, alone, in pairs, and when they lie: what they learn of the rest.

Insiders know the exact total of people too. Promise under attack (decisions 5): no exact value of the rest, and
for a rest of 1 to 9 the true value is never more than 0.8 certain.
"""

import random
from collections import Counter
from itertools import combinations

import pytest

from tests.attacks import naive
from tests.attacks.lp_attacker import Knowledge, know_release
from tests.attacks.simulating_attacker import Insider, posteriors
from tests.kit.truth import ITEMS, REST, Person, Truth, key_of, names, truths

CERTAIN = 0.8
each_truth = pytest.mark.parametrize("truth", truths(), ids=names())
NOISE = 0.02
"""Of a probability weighed by 600 draws a row; added to the truth's side of nothing, taken from no limit."""


def small_rests(truth, own, release):
    """Shown cells whose people beyond the insiders' own are 1 to 9."""
    return [cell for cell, _ in release.cells() if 1 <= truth.cells[cell] - own.get(cell, 0) <= 9]


def insider_of(truth, hosts):
    """What some of a truth's hosts know."""
    return Insider(tuple(truth.by_host[host] for host in hosts), len(truth.hosts) - len(hosts))


def attack(truth, size, keys, draws=600):
    """Every host, or every pair: (certainties of the truth, widths of possible values) over keys and both priors."""
    shares = {cell: count / max(1, len(truth.public)) for cell, count in _public(truth).items()}
    certain, widths = [], []
    releases = {number: truth.release(key_of(number)) for number in keys}
    for hosts in combinations(truth.hosts, size):
        own, _ = truth.held_by(hosts)
        for number, release in releases.items():
            cells = small_rests(truth, own, release)
            if not cells:
                continue
            for prior in (None, shares):
                found = posteriors(
                    release,
                    total=truth.total,
                    shares=prior,
                    insider=insider_of(truth, hosts),
                    seed=number,
                    draws=draws,
                )
                for cell in cells:
                    certain.append(found[cell].get(truth.cells[cell], 0.0))
                    widths.append(max(found[cell]) - min(found[cell]))
    return certain, widths


def _public(truth):
    return Counter(place for person in truth.public for place in person.places())


def report(what, truth, certain, widths):
    if certain:
        mean = sum(certain) / len(certain)
        print(
            f"{what} {truth.name}: {len(certain)} rests of 1-9, certainty of the truth mean {mean:.2f} "
            f"max {max(certain):.2f}, width min {min(widths)}"
        )


class TestHonestInsiders:
    """A10, A11: subtract your own, and ask what is left."""

    @each_truth
    @pytest.mark.parametrize("size", [1, 2], ids=["single", "pairs"])
    def test_every_host_and_pair_over_several_keys(self, truth, size):
        """No rest of 1 to 9 is exact, and none more than 0.8 certain."""
        certain, widths = attack(truth, size, range(3))
        report("A10" if size == 1 else "A11", truth, certain, widths)
        assert all(width > 0 for width in widths)
        assert all(chance <= CERTAIN - NOISE for chance in certain)

    @pytest.mark.slow
    @pytest.mark.timeout(1800)
    @each_truth
    @pytest.mark.parametrize("size", [1, 2], ids=["single", "pairs"])
    def test_every_host_and_pair_over_many_keys(self, truth, size):
        """The same over forty keys."""
        certain, widths = attack(truth, size, range(40))
        report("A10" if size == 1 else "A11", truth, certain, widths)
        assert all(width > 0 for width in widths)
        assert all(chance <= CERTAIN - NOISE for chance in certain)

    @each_truth
    @pytest.mark.parametrize("size", [1, 2], ids=["single", "pairs"])
    def test_linear_facts_alone_pin_no_rest(self, truth, size):
        """By a solver with the exact total, no rest of any host or pair is exact, whole numbers throughout."""
        for number in range(3):
            release = truth.release(key_of(number))
            knowledge = Knowledge()
            know_release(knowledge, release, total=truth.total)
            intervals = {cell: knowledge.interval(("", *cell), whole=True) for cell, _ in release.cells()}
            for hosts in combinations(truth.hosts, size):
                own, _ = truth.held_by(hosts)
                for cell, (low, high) in intervals.items():
                    assert high > max(low, own.get(cell, 0) + 3 - size)

    @each_truth
    def test_plain_counts_give_every_rest(self, truth):
        """Twin: with plain numbers, a pair's rest is exact; and a single host's, when only one other contributes."""
        pairs = 0
        for hosts in combinations(truth.hosts, 2):
            own, _ = truth.held_by(hosts)
            others = sum((truth.by_host[h] for h in truth.hosts if h not in hosts), Counter())
            assert Counter(truth.cells) - own == others
            pairs += any(0 < count < 10 for count in others.values())
        assert pairs

    @each_truth
    def test_nearest_rounding_with_an_exact_total_makes_insiders_certain(self, truth):
        """Twin: least deviation is a fixed rule; run backwards, many more truths fall out than under a key."""
        left = {"fixed": [], "keyed": []}
        for table in ("GENDER", *(f"EXPLOITATION_{item}" for item in ITEMS)):
            counts = [count for (t, level, _), count in sorted(truth.cells.items()) if (t, level) == (table, 1)]
            if len(counts) < 2:
                continue
            shown = naive.least_deviation(counts, truth.total)
            possible = [
                value for value in range(truth.total + 1)
                if naive.least_deviation([value, truth.total - value], truth.total) == shown
            ]  # fmt: skip
            left["fixed"].append(max(possible) - min(possible))
            left["keyed"].append(8 - 2 * (truth.total % 5 % 5 > 0))
        assert max(left["fixed"]) <= 4
        assert sum(left["fixed"]) < sum(left["keyed"])


def hard(seed):
    """Seven hosts, of whom one has most of a small cell and two or three others one or two people each."""
    rng = random.Random(f"hard/{seed}")
    yes = [rng.choice((9, 10, 11, 14, 15, 19, 20)), rng.choice((0, 1, 2, 2, 3))]
    yes += [rng.choice((1, 1, 2)) for _ in range(rng.choice((1, 2, 2)))]
    people = []
    for host, few in zip("abcdefg", [*yes, 0, 0, 0, 0, 0], strict=False):
        for n in range(few + rng.randrange(6, 14)):
            types = {"CRIMINAL"} if n < few else {("LABOUR", "SEXUAL")[n % 2]}
            people.append(Person(host, rng.random() < 0.5, frozenset(types), ("ASIA", "AFRICA", REST)[n % 3]))
    return Truth(f"hard{seed}", tuple("abcdefg"), tuple(people), tuple(people))


class TestHardCells:
    CELL = ("EXPLOITATION_CRIMINAL", 1, "YES")

    def certainties(self, truth, number, release):
        """What the hosts with people in the cell, alone and in pairs, know of its rest of 1 to 9."""
        shares = {cell: count / truth.total for cell, count in truth.cells.items()}
        for size in (1, 2):
            for hosts in combinations(truth.hosts, size):
                own, _ = truth.held_by(hosts)
                if own[self.CELL] < 3 or not 1 <= truth.cells[self.CELL] - own[self.CELL] <= 9:
                    continue
                for prior in (None, shares):
                    found = posteriors(
                        release,
                        total=truth.total,
                        shares=prior,
                        insider=insider_of(truth, hosts),
                        seed=number,
                        draws=300,
                    )[self.CELL]
                    yield found.get(truth.cells[self.CELL], 0.0), max(found) - min(found)

    def test_who_has_almost_all_of_a_small_cell_is_not_certain_of_the_rest(self):
        """Generated worst cases: the cell is not shown, or its rest is neither exact nor more than 0.8 certain."""
        shown, found = 0, []
        for seed in range(24):
            truth = hard(seed)
            for number in range(2):
                release = truth.release(key_of(number))
                if self.CELL[0] in release.tables:
                    shown += 1
                    found += self.certainties(truth, number, release)
        assert shown >= 10
        print(f"hard cells: {shown} shown, {len(found)} rests of 1-9, most certain {max(c for c, _ in found):.2f}")
        assert min(width for _, width in found) > 0
        assert max(chance for chance, _ in found) <= CERTAIN - NOISE

    def test_without_the_share_bound_somebody_is(self):
        """Twin: twelve of a host and one of another, rounded and shown: the rest is certain by rule and share."""
        shown, own = 10, 12
        possible = [value for value in range(shown - 4, shown + 5) if value > own]
        assert possible == [13, 14]
        shares = [0.4 * 0.9, 0.2 * 0.1]
        # Rounded down with chances 2/5 and 1/5; a rare fact makes the smaller rest nine times as likely.
        assert shares[0] / sum(shares) > CERTAIN


class TestLyingInsiders:
    """A17, A18: a host that adds people who are not there, to swing a cell where it is weak."""

    def with_extra(self, truth, host, table, extra):
        """The same period with invented people of a host in a yes/no table."""
        item = table.removeprefix("EXPLOITATION_")
        invented = (Person(host, False, frozenset({item}), "ASIA"),) * extra
        return Truth(truth.name, truth.hosts, (*truth.people, *invented), truth.public)

    @each_truth
    def test_no_number_of_invented_people_makes_the_rest_certain(self, truth):
        """Whatever one host adds in the one opening, no rest of 1 to 9 is more than 0.8 certain."""
        certain, widths = [], []
        for table in ("EXPLOITATION_CRIMINAL", "EXPLOITATION_SEXUAL"):
            cell = (table, 1, "YES")
            host = max(truth.hosts, key=lambda h, cell=cell: truth.by_host[h][cell])
            for extra in range(11):
                swung = self.with_extra(truth, host, table, extra)
                own, _ = swung.held_by((host,))
                release = swung.release(key_of(extra))
                if cell not in small_rests(swung, own, release):
                    continue
                found = posteriors(
                    release, total=swung.total, insider=insider_of(swung, (host,)), seed=extra, draws=600
                )
                certain.append(found[cell].get(swung.cells[cell], 0.0))
                widths.append(max(found[cell]) - min(found[cell]))
        report("A18", truth, certain, widths)
        assert all(width > 0 for width in widths)
        assert all(chance <= CERTAIN - NOISE for chance in certain)

    def test_a_liar_who_has_a_cell_almost_alone_hides_it(self):
        """Where the invented people are more than 0.8 of a cell, its table is not shown."""
        people = [Person(h, n % 2 == 0, frozenset({"LABOUR"}), "ASIA") for h in "abcdefg" for n in range(8)]
        people += [Person(h, True, frozenset({"CRIMINAL"}), "ASIA") for h in "bcd"]
        truth = Truth("liar", tuple("abcdefg"), tuple(people))
        for extra in (7, 15, 30, 40):
            swung = self.with_extra(truth, "a", "EXPLOITATION_CRIMINAL", extra)
            assert "EXPLOITATION_CRIMINAL" not in swung.release(key_of(extra)).tables or extra <= 7

    @each_truth
    def test_asking_again_with_other_inventions_pins_the_rest(self, truth):
        """Twin: could a period be opened forty times, a host that swings its number would learn the rest exactly."""
        cell = ("EXPLOITATION_CRIMINAL", 1, "YES")
        pinned = 0
        for host in truth.hosts:
            rest = truth.cells[cell] - truth.by_host[host][cell]
            low, high = 0, truth.total
            for extra in range(40):
                shown = naive.either_way(rest + extra, random.Random(f"{host}/{extra}"))
                low, high = max(low, shown - extra - 4), min(high, shown - extra + 4)
            assert low <= rest <= high
            pinned += low == high
        assert pinned >= len(truth.hosts) // 2
