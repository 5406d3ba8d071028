"""The attacker who simulates the programme: how certain it is of true counts, hidden or shown.

It knows programme, objective, plan and the exact total, not the coin key; once with a flat prior, once with the
public table's shares. Run with ``-s`` to see the figures; single cells are never printed.
"""

import random
from collections import Counter
from math import comb

import numpy as np
import pytest

from tests.attacks import naive
from tests.attacks.simulating_attacker import posteriors
from tests.kit.truth import LEVELS, REGION, Person, Published, Truth, key_of, names, truths

CERTAIN = 0.8
each_truth = pytest.mark.parametrize("truth", truths(), ids=names())


def public_shares(truth):
    found = Counter(place for person in truth.public for place in person.places())
    return {cell: count / len(truth.public) for cell, count in found.items()}


def summary(what, truth, chances):
    if chances:
        values = np.array(chances)
        print(
            f"simulating attacker, {truth.name}, {what}: {values.size} certainties of the truth, "
            f"mean {values.mean():.3f}, 95% {np.quantile(values, 0.95):.3f}, max {values.max():.3f}"
        )


class TestShownCells:
    @each_truth
    @pytest.mark.parametrize("prior", ["flat", "public"])
    def test_no_shown_cell_is_more_than_half_certain(self, truth, prior):
        """Over many keys the truth of a shown cell keeps company: never above a half, where 0.8 is the limit."""
        shares = None if prior == "flat" else public_shares(truth)
        chances, small = [], []
        for number in range(12):
            found = posteriors(truth.release(key_of(number)), total=truth.total, shares=shares, seed=number)
            for cell, values in found.items():
                chances.append(values.get(truth.cells[cell], 0.0))
                small += chances[-1:] if 1 <= truth.cells[cell] <= 9 else []
        summary(f"shown cells, {prior} prior", truth, chances)
        summary(f"shown cells of a true 1-9, {prior} prior", truth, small)
        assert max(chances) <= 0.5 < CERTAIN

    @pytest.mark.parametrize("small", range(6, 10))
    def test_a_true_six_to_nine_that_was_rounded_up(self, small):
        """The only small counts that are ever shown are shown as 10: the attacker is not 0.8 certain of one."""
        truth = _with_small(small)
        cell, chances = ("EXPLOITATION_CRIMINAL", 1, "YES"), []
        for number in range(30):
            release = truth.release(key_of(number))
            if "EXPLOITATION_CRIMINAL" not in release.tables:
                continue
            priors = (None, {c: n / truth.total for c, n in truth.cells.items()})
            found = [posteriors(release, total=truth.total, shares=prior, seed=number) for prior in priors]
            chances += [one[cell].get(small, 0.0) for one in found]
        summary(f"shown true {small}", truth, chances)
        assert len(chances) >= 4
        assert max(chances) <= CERTAIN - 0.02


class TestHiddenParts:
    @each_truth
    def test_a_merged_away_category_stays_unknown(self, truth):
        """The finest regions behind a coarser level: by public shares, and by why the finer level may have failed."""
        shares, chances = public_shares(truth), []
        for number in range(12):
            release = truth.release(key_of(number))
            level = release.levels.get(REGION)
            if level != 2:
                continue
            merged = next(at[1] for region, at in LEVELS.items() if region == "UK")
            whole = posteriors(release, total=truth.total, shares=shares, seed=number)[REGION, 2, merged]
            uk = shares.get((REGION, 1, "UK"), 1e-3)
            part = uk / shares[REGION, 2, merged]
            for knows_why in (False, True):
                found = _part(whole, part, knows_why=knows_why)
                chances.append(found.get(truth.cells[REGION, 1, "UK"], 0.0))
        summary("hidden UK category (true 1-9 in three of four)", truth, chances)
        assert chances
        assert max(chances) <= CERTAIN - 0.02

    @each_truth
    def test_a_table_that_is_not_published_stays_unknown(self, truth):
        """Knowing the exact total, the public share and that a table failed for its size does not tell its number."""
        item = truth.cells["EXPLOITATION_CRIMINAL", 1, "YES"]
        share = public_shares(truth)["EXPLOITATION_CRIMINAL", 1, "YES"]
        for small in {item, *range(1, 10)}:
            for likely in (share, small / truth.total):
                found = _part({truth.total: 1.0}, likely, knows_why=True)
                assert found.get(small, 0.0) <= CERTAIN - 0.02


class TestTheAttackerIsGood:
    def test_it_is_right_as_often_as_it_says(self):
        """Over drawn truths and real releases, its certainty of the truth is what its odds promise: no weak attacker."""
        rng, said, meant = random.Random(11), [], []
        for number in range(60):
            truth = _drawn(rng)
            release = truth.release(key_of(number))
            cell = ("GENDER", 1, "FEMALE")
            if "GENDER" not in release.tables:
                continue
            values = posteriors(release, total=truth.total, seed=number, draws=800)[cell]
            said.append(values.get(truth.cells[cell], 0.0))
            # If truths were drawn as the attacker believes, its mean certainty is its mean sum of squared odds.
            meant.append(sum(chance * chance for chance in values.values()))
        assert len(said) >= 50
        spread = np.std(said) / len(said) ** 0.5
        assert abs(np.mean(said) - np.mean(meant)) < 4 * spread + 0.01

    def test_it_undoes_least_deviation(self):
        """Twin: run backwards on a fixed rule, it is certain of what a key would have left open."""
        certain = {}
        for kind, draws in (("fixed", 1), ("keyed", 60)):
            certain[kind] = []
            for true in range(6, 40):
                shown = _round(kind, true, 103)
                near = range(max(0, shown[0][0] - 4), shown[0][0] + 5)
                odds = [np.mean([_round(kind, value, 103, n) == shown for n in range(draws)]) for value in near]
                certain[kind].append(max(odds) / sum(odds))
        assert max(certain["fixed"]) >= 0.33
        assert np.mean(certain["fixed"]) > 1.25 * np.mean(certain["keyed"])

    def test_it_is_certain_of_plain_counts(self):
        """Twin: a release of true numbers, multiples of five, leaves one possible truth in each exact cell."""
        truth = _with_small(9)
        release = truth.release(key_of(1))
        exact = Published(truth.total, {"T": {"A": 55, "B": truth.total - 55}}, {"T": 1}, {"T": "SHOWN"})
        assert release.people is not None
        found = posteriors(exact, total=truth.total)
        # Even so a multiple of five may have been rounded to: only a rule that never moves it would be certain.
        assert max(found["T", 1, "A"].values()) < CERTAIN


def _round(kind, value, total, seed=0):
    if kind == "fixed":
        return naive.least_deviation([value, total - value], total)
    return naive.keyed([value, total - value], total, f"{seed}/{value}")


def _part(whole, share, *, knows_why):
    """Odds of a hidden part of a number that is itself known by odds; perhaps knowing that it rounded below 10."""
    found = Counter()
    for total, chance in whole.items():
        for value in range(total + 1):
            found[value] += chance * comb(total, value) * share**value * (1 - share) ** (total - value)
    if knows_why:
        # Up to 5 it always rounds below 10; 6 to 9 with the chance of going down.
        found = Counter({v: c * (1.0 if v <= 5 else (10 - v) / 5) for v, c in found.items() if v < 10})
    everything = sum(found.values())
    return {value: chance / everything for value, chance in found.items()}


def _with_small(small):
    """A hundred and three people of seven hosts, of whom so few were exploited in one way, spread over hosts."""
    people = []
    for n in range(103):
        host, types = "abcdefg"[n % 7], {"LABOUR"} if n % 2 else {"SEXUAL"}
        region = ("AFRICA", "ASIA", "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN")[n % 3]
        people.append(Person(host, n % 5 < 2, frozenset(types | ({"CRIMINAL"} if n < small else set())), region))
    return Truth(f"small{small}", tuple("abcdefg"), tuple(people), tuple(people))


def _drawn(rng):
    """A hundred and two people with any number of women between 30 and 70, each number as likely."""
    women = rng.randrange(30, 71)
    people = [
        Person("abcdef"[rng.randrange(6)], n < women, frozenset({"LABOUR"} if n % 2 else {"SEXUAL"}), "ASIA")
        for n in range(102)
    ]
    return Truth("drawn", tuple("abcdef"), tuple(people), tuple(people))
