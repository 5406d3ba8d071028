"""One release, everything known but the truth and the key: subtraction, the rules themselves, whole numbers, zeros.

Each test's second half is the same attack on what others publish; it must succeed, or the attack is no test.
"""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.custodian.protection.rounding import AdditivityRow, Coin, round_jointly
from shared.contracts.vector import Slot
from tests.attacks import naive
from tests.attacks.known_failures import KNOWN_FAILURES
from tests.attacks.lp_attacker import Knowledge, know_hidden, know_release
from tests.kit.truth import ITEMS, LEVELS, REGION, REST, TABLES, Person, Truth, key_of, names, truths

WIDTH = 4
KEYS = range(20)
each_truth = pytest.mark.parametrize("truth", truths(), ids=names())


def crossed(truth, facts):
    """A table that the product never publishes: host by a fact, with margins; (inner cells, rows that add up)."""
    cells = {}
    for host in truth.hosts:
        for name in facts:
            cells[host, name] = sum(p.host == host and facts[name](p) for p in truth.people)
    for name in facts:
        cells["all", name] = sum(cells[host, name] for host in truth.hosts)
    for host in truth.hosts:
        cells[host, "all"] = sum(cells[host, name] for name in facts)
    cells["all", "all"] = sum(cells["all", name] for name in facts)
    rows = [((host, "all"), [(host, name) for name in facts]) for host in (*truth.hosts, "all")]
    rows += [(("all", name), [(host, name) for host in truth.hosts]) for name in (*facts, "all")]
    return cells, rows


BY_REGION = {region: (lambda p, region=region: p.region == region) for region in LEVELS}


class TestSubtraction:
    """A1: what is hidden or rounded is bounded by all that adds up to it."""

    @each_truth
    @pytest.mark.parametrize("total_known", [False, True])
    def test_no_shown_cell_is_narrower_than_four(self, truth, total_known):
        """For every coin key, whether or not the exact total is known, each cell may be 5 values at least."""
        for number in KEYS:
            release = truth.release(key_of(number))
            assert len(release.tables) >= 4
            knowledge = Knowledge()
            know_release(knowledge, release, total=truth.total if total_known else None)
            for cell, _ in release.cells():
                low, high = knowledge.interval(("", *cell))
                assert low <= truth.cells[cell] <= high
                assert high - low >= WIDTH

    @each_truth
    def test_what_is_merged_away_stays_wide(self, truth):
        """The parts of a coarser category, never shown, are wide too, though everybody knows what was merged."""
        for number in KEYS:
            release = truth.release(key_of(number))
            level = release.levels.get(REGION)
            if level in (None, 1):
                continue
            knowledge = Knowledge()
            know_release(knowledge, release, total=truth.total)
            merged = {}
            for region, at in LEVELS.items():
                merged.setdefault(("", REGION, level, at[level - 1]), []).append(("", REGION, 1, region))
            for whole, parts in merged.items():
                knowledge.adds_up(whole, parts)
            for parts in merged.values():
                assert all(knowledge.width(part) >= WIDTH for part in parts)

    @each_truth
    def test_hiding_small_counts_does_not_help(self, truth):
        """Twin: with margins, cells hidden below 5 come out exactly, in a crossed table and in the year's own."""
        cells, rows = crossed(truth, BY_REGION)
        knowledge = Knowledge()
        hidden = know_hidden(knowledge, cells, limit=5, zeros_shown=True)
        for total, parts in rows:
            knowledge.adds_up(("", *total), [("", *part) for part in parts])
        exact = [cell for cell in hidden if knowledge.width(cell) == 0]
        print(f"A1 twin {truth.name}: {len(exact)} of {len(hidden)} hidden cells exact")
        assert exact
        assert all(knowledge.interval(cell)[0] == cells[cell[1:]] for cell in exact)


class TestTheRulesAreKnown:
    """A2: base, threshold and minimums are published; knowing them must not help."""

    @each_truth
    def test_knowing_threshold_and_minimums_narrows_nothing_below_four(self, truth):
        """A shown cell has three hosts and rounds to 10: a lowest cell may still be 6 to 14."""
        for number in KEYS:
            knowledge = Knowledge()
            release = truth.release(key_of(number))
            know_release(knowledge, release, total=truth.total, thresholds=True)
            for cell, value in release.cells():
                assert value >= 10
                assert knowledge.width(("", *cell)) >= WIDTH

    @each_truth
    def test_a_hidden_count_below_five_is_at_most_three_wide(self, truth):
        """Twin: whoever knows the rule 'below 5, zeros shown' knows every hidden cell to within 3."""
        cells, _ = crossed(truth, BY_REGION)
        knowledge = Knowledge()
        hidden = know_hidden(knowledge, cells, limit=5, zeros_shown=True)
        assert hidden
        assert all(knowledge.width(cell) < WIDTH for cell in hidden)


class TestWholeNumbers:
    """A3: people are whole numbers in every equation."""

    @each_truth
    def test_whole_numbers_narrow_nothing_below_four(self, truth):
        """Where whole numbers are used throughout, cells stay as wide."""
        for number in list(KEYS)[:8]:
            knowledge = Knowledge()
            release = truth.release(key_of(number))
            know_release(knowledge, release, total=truth.total, thresholds=True)
            for cell, _ in release.cells():
                assert knowledge.width(("", *cell), whole=True) >= WIDTH

    @each_truth
    @pytest.mark.parametrize("base", [3, 5])
    def test_nearest_rounding_is_narrowed(self, truth, base):
        """Twin: cells rounded to the nearest multiple, each for itself, come out narrower than 4."""
        cells, rows = crossed(truth, BY_REGION)
        knowledge = Knowledge()
        for cell, count in cells.items():
            value = naive.nearest(count, base)
            knowledge.number(("", *cell), max(0, value - base // 2), value + base // 2)
        for total, parts in rows:
            knowledge.adds_up(("", *total), [("", *part) for part in parts])
        small = [cell for cell, count in cells.items() if "all" not in cell and 0 < count < 10]
        widths = [knowledge.width(("", *cell), whole=True) for cell in small]
        assert sum(width < WIDTH for width in widths) >= 3


def people_of(counts, types=("LABOUR",)):
    """So many people of each host; the first half of each are female, regions in turn."""
    return [
        Person(host, n % 2 == 0, frozenset(types), (REST, "AFRICA", "ASIA")[n % 3])
        for host, number in counts.items()
        for n in range(number)
    ]


class TestHomogeneity:
    """A12: a table in which everybody has one value tells everybody's value."""

    def test_a_table_of_one_value_is_not_published(self):
        """All were exploited for labour: neither that nor its opposite is shown."""
        truth = Truth("same", tuple("abcdef"), tuple(people_of(dict.fromkeys("abcdef", 9))))
        for number in KEYS:
            release = truth.release(key_of(number))
            assert "GENDER" in release.tables
            assert not any(table.startswith("EXPLOITATION") for table in release.tables)

    @each_truth
    def test_nobody_is_certain_of_a_counted_persons_value(self, truth):
        """Whatever was shown, at least 6 of the people are outside each category."""
        for number in KEYS:
            knowledge = Knowledge()
            release = truth.release(key_of(number))
            know_release(knowledge, release)
            for table, cells in release.tables.items():
                at = ("", table, release.levels[table])
                for category in cells:
                    others = {(*at, other): 1 for other in cells if other != category}
                    assert knowledge.interval(others)[0] >= 6

    def test_plain_counts_tell(self):
        """Twin: published plainly, 54 of 54 means that each of them is one."""
        truth = Truth("same", tuple("abcdef"), tuple(people_of(dict.fromkeys("abcdef", 9))))
        yes = truth.cells["EXPLOITATION_LABOUR", 1, "YES"]
        assert naive.plain(yes) == truth.total


class TestZeros:
    """A13: nobody and hardly anybody look the same."""

    @given(small=st.integers(0, 5), spread=st.integers(1, 5), number=st.integers(0, 10_000))
    @settings(max_examples=60, deadline=None)
    def test_zero_to_five_people_are_shown_alike(self, small, spread, number):
        """Whether 0 or 5 people, of one host or of five, the table has the same words and no cell."""
        shown = []
        for yes in (0, small):
            people = people_of(dict.fromkeys("abcdef", 8))
            people = [
                Person(p.host, p.female, p.types | ({"CRIMINAL"} if n % 8 < 1 and n // 8 < min(yes, spread) else set()),
                       p.region)
                for n, p in enumerate(people)
            ]  # fmt: skip
            extra = max(0, yes - spread)
            people[1 : 1 + extra] = [
                Person(p.host, p.female, p.types | {"CRIMINAL"}, p.region) for p in people[1 : 1 + extra]
            ]
            truth = Truth("zeros", tuple("abcdef"), tuple(people))
            assert truth.cells["EXPLOITATION_CRIMINAL", 1, "YES"] == yes
            release = truth.release(key_of(number))
            shown.append((release.statuses["EXPLOITATION_CRIMINAL"], release.tables.get("EXPLOITATION_CRIMINAL")))
        assert shown == [("NOT_PUBLISHED", None)] * 2

    def test_a_printed_zero_tells(self):
        """Twin: where small cells are hidden and zeros printed, 'nobody' is a published fact."""
        assert [naive.hidden(count) for count in (0, 1, 4, 5)] == [0, None, None, 5]


class TestKnownFailures:
    """A16: published examples of protection that failed, and sdcTools/UserSupport 160: a dominant contributor."""

    @pytest.mark.parametrize("example", KNOWN_FAILURES, ids=lambda e: e.issue)
    def test_joint_rounding_leaves_every_cell_four_wide(self, example):
        """All linked tables in one programme: no cell of the example is narrower than 4, whatever the key."""
        values = {Slot("T", 1, name): count for name, count in example.everything.items()}
        rows = [
            AdditivityRow(total=Slot("T", 1, total), parts=tuple(Slot("T", 1, part) for part in parts))
            for total, parts in example.rows.items()
        ]
        for number in KEYS:
            rounded = round_jointly(values, rows, coin=Coin(key=key_of(number), period="2026"), base=5)
            knowledge = Knowledge()
            for slot, value in rounded.items():
                knowledge.rounded(("", slot.category), value)
            self.know_rows(knowledge, example)
            for name, count in example.cells.items():
                low, high = knowledge.interval(("", name))
                assert low <= count <= high
                assert high - low >= WIDTH

    @pytest.mark.parametrize("example", KNOWN_FAILURES, ids=lambda e: e.issue)
    def test_hiding_fails_on_it(self, example):
        """Twin: with small cells hidden, as in the issue, the solver names a hidden cell exactly."""
        knowledge = Knowledge()
        counts = {(name,): count for name, count in example.everything.items()}
        hidden = know_hidden(knowledge, counts, limit=example.limit, zeros_shown=example.zeros_shown)
        self.know_rows(knowledge, example)
        assert ("", example.given_away) in [name for name in hidden if knowledge.width(name) == 0]

    def know_rows(self, knowledge, example):
        for total, parts in example.rows.items():
            knowledge.adds_up(("", total), [("", part) for part in parts])

    def test_a_dominant_host_is_not_published_after_a_merge_either(self):
        """160: merging what one host dominates into more that it dominates shows nothing at either level."""
        people = [*people_of(dict.fromkeys("abcde", 6)), *[Person("f", True, frozenset({"LABOUR"}), "UK")] * 90]
        truth = Truth("160", tuple("abcdef"), tuple(people))
        for number in KEYS:
            release = truth.release(key_of(number))
            assert REGION not in release.tables

    def test_merging_without_looking_again_tells_the_dominant_host(self):
        """Twin: the merged cell, rounded, says the dominant host's number to within its own tenth."""
        merged, dominant = 90 + 10, 90
        shown = naive.nearest(merged)
        assert abs(shown - dominant) / dominant < 0.2


@each_truth
def test_shown_tables_are_those_of_the_plan_and_add_up(truth):
    """Every table's cells add up to the one total, and every number is a multiple of 5."""
    for number in KEYS:
        release = truth.release(key_of(number))
        assert set(release.statuses) == set(TABLES) == {"GENDER", *(f"EXPLOITATION_{i}" for i in ITEMS), REGION}
        for cells in release.tables.values():
            assert sum(cells.values()) == release.people
            assert all(value % 5 == 0 for value in cells.values())


def test_the_enumerated_rounding_of_the_twins_adds_up():
    """The twins' own controlled rounding is one: neighbours only, and the parts make the total."""
    rng = random.Random(3)
    for _ in range(200):
        values = [rng.randrange(40) for _ in range(3)]
        parts, total = naive.keyed(values, sum(values), rng.random())
        assert sum(parts) == total
        assert all(abs(part - value) < 5 for part, value in zip(parts, values, strict=True))
