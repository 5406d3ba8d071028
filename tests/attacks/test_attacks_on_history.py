"""Many releases set against each other: differences, re-issues, long histories, repeats, hosts that leave."""

import random
from collections import Counter
from itertools import pairwise, product

import pytest

from services.custodian.opening.rules import Verdict, may_open, open_cohort
from tests.attacks import naive
from tests.attacks.lp_attacker import Knowledge, know_hidden, know_release
from tests.kit.truth import LAYOUT, LEVELS, PLAN, REGION, TABLES, Truth, key_of, names, truths, twin

WIDTH, HISTORY_WIDTH = 4, 2
each_truth = pytest.mark.parametrize("truth", truths(), ids=names())
YES_NO = [table for table in TABLES if table.startswith("EXPLOITATION")]


def in_parts(truth, number, seed=0):
    """The people of a truth, each in one of so many parts of the year."""
    rng = random.Random(f"{truth.name}/{seed}")
    parts = [[] for _ in range(number)]
    for person in truth.people:
        rng.choice(parts).append(person)
    return parts


def by_category(people, table):
    """Count people by a table's finest categories."""
    return Counter(category for p in people for t, level, category in p.places() if (t, level) == (table, 1))


def finest(table):
    return [c.code for c in next(t for t in PLAN.tables if t.id == table).levels[0].categories]


class TestDifferences:
    """A4: two releases, and what must lie between them."""

    @each_truth
    def test_a_later_release_narrows_no_cell_of_an_earlier_one(self, truth):
        """A person stands in one release; all intervals of both stay as they were alone, whole numbers too."""
        later = twin(9)
        for number in range(10):
            releases = {"a": truth.release(key_of(number)), "b": later.release(key_of(1_000 + number), "2027")}
            joint = Knowledge()
            for tag, release in releases.items():
                know_release(joint, release, tag=tag)
            # Sums of the released numbers are all that is said of both periods together.
            joint.adds_up("both", [("a", "PEOPLE"), ("b", "PEOPLE")])
            joint.rounded("both", releases["a"].people + releases["b"].people, base=9)
            for tag, release in releases.items():
                alone = Knowledge()
                know_release(alone, release, tag=tag)
                for cell, _ in release.cells():
                    assert joint.interval((tag, *cell)) == alone.interval((tag, *cell))
                    assert joint.width((tag, *cell)) >= WIDTH

    @each_truth
    def test_flow_and_running_total_narrow_each_other(self, truth):
        """Twin: four quarters' flows with their running totals, jointly rounded each, give narrow cells."""
        narrow = everything = 0
        for seed, table in product(range(5), YES_NO):
            knowledge, running = Knowledge(), Counter()
            for quarter, people in enumerate(in_parts(truth, 4, seed)):
                flow = by_category(people, table)
                running += flow
                for kind, counts in (("flow", flow), ("sum", running)):
                    values = [counts[c] for c in finest(table)]
                    parts, _ = naive.keyed(values, sum(values), f"{truth.name}/{seed}/{table}/{quarter}/{kind}")
                    for category, value in zip(finest(table), parts, strict=True):
                        knowledge.rounded((kind, quarter, category), value)
                for category in finest(table):
                    before = [("sum", quarter - 1, category)] if quarter else []
                    knowledge.adds_up(("sum", quarter, category), [("flow", quarter, category), *before])
            widths = [knowledge.width((k, q, c)) for k in ("flow", "sum") for q in range(4) for c in finest(table)]
            narrow += sum(width < WIDTH for width in widths)
            everything += len(widths)
        print(f"A4 twin {truth.name}: {narrow} of {everything} cells of flow and running total narrower than {WIDTH}")
        assert narrow

    @each_truth
    def test_hidden_weekly_totals_give_the_week_away(self, truth):
        """Twin: a stock published weekly with small cells hidden: differences are exact single people."""
        weeks = in_parts(truth, 13)
        exact = 0
        for table in (REGION, *YES_NO):
            knowledge, running = Knowledge(), Counter()
            for week, people in enumerate(weeks):
                running += by_category(people, table)
                know_hidden(knowledge, {(c,): running[c] for c in finest(table)}, limit=5, zeros_shown=False, tag=week)
            for week, _ in pairwise(range(13)):
                for category in finest(table):
                    low, high = knowledge.interval({(week + 1, category): 1, (week, category): -1})
                    exact += low == high
                    assert low <= by_category(weeks[week + 1], table)[category] <= high
        assert exact >= 13


class TestHistory:
    """A6: thirteen periods, and everything that was ever said of them."""

    def test_thirteen_periods_jointly(self):
        """No exact value, no width below 2, and none below 4 either, with every total known exactly."""
        history = [twin(number, hosts=6 + number % 3, people=100 + 5 * number) for number in range(13)]
        knowledge, cells = Knowledge(), []
        for number, truth in enumerate(history):
            release = truth.release(key_of(number), f"{2026 + number}")
            know_release(knowledge, release, tag=number, total=truth.total)
            cells += [((number, *cell), truth.cells[cell]) for cell, _ in release.cells()]
        widths = []
        for cell, count in cells:
            low, high = knowledge.interval(cell)
            assert low <= count <= high
            widths.append(high - low)
        assert len(widths) > 100
        assert min(widths) >= max(WIDTH, HISTORY_WIDTH)

    @each_truth
    def test_a_running_total_of_thirteen_weeks_comes_out(self, truth):
        """Twin: the same people's running total, rounded anew each week, is narrow in many weeks."""
        widths = []
        for seed, region, female in product(range(3), LEVELS, (True, False)):
            knowledge, running = Knowledge(), 0
            for week, people in enumerate(in_parts(truth, 13, seed)):
                running += sum((p.region, p.female) == (region, female) for p in people)
                shown = naive.either_way(running, random.Random(f"{truth.name}/{seed}/{region}/{female}/{week}"))
                knowledge.rounded(("at", week), shown)
                if week:
                    # A running total never falls.
                    knowledge.fact({("at", week): 1, ("at", week - 1): -1}, 0, truth.total)
            widths += [knowledge.width(("at", week)) for week in range(13)]
        print(
            f"A6 twin {truth.name}: {sum(w < WIDTH for w in widths)} of {len(widths)} narrow, {widths.count(0)} exact"
        )
        assert sum(width < WIDTH for width in widths) >= 13


class TestRepeats:
    """A7: the same question asked again."""

    @each_truth
    def test_a_hundred_repeats_are_one_answer(self, truth):
        """From the same sums and key the same bytes, so that nothing can be averaged."""
        assert len({repr(truth.release(key_of(5))) for _ in range(100)}) == 1

    @each_truth
    def test_fresh_directions_average_out(self, truth):
        """Twin: thirteen answers with fresh directions give most cells exactly."""
        rng = random.Random(truth.name)
        counts = [count for (_, level, _), count in truth.cells.items() if level == 1 and count % 5]
        found = 0
        for count in counts:
            answers = [naive.either_way(count, rng) for _ in range(13)]
            low, high = max(answers) - 4, min(answers) + 4
            found += low <= round(sum(answers) / 13) <= high and round(sum(answers) / 13) == count
            assert low <= count <= high
        print(f"A7 twin {truth.name}: {found} of {len(counts)} cells exact after 13 answers")
        assert found / len(counts) > 0.25

    @each_truth
    def test_eight_fresh_roundings_of_one_stock_narrow_it(self, truth):
        """Twin: an unchanged number, rounded up in one answer and down in another, lies in the four between."""
        rng = random.Random(truth.name)
        counts = [count for (_, level, _), count in truth.cells.items() if level == 1 and count % 5]
        narrow = sum(len({naive.either_way(count, rng) for _ in range(8)}) == 2 for count in counts)
        assert narrow / len(counts) > 0.6


class TestWithdrawal:
    """A5: somebody withdraws, and the table is published anew. The path's tests show that it never is."""

    @each_truth
    def test_plain_counts_name_every_cell_of_whoever_left(self, truth):
        """Twin: two plain tables differ in exactly the withdrawn person's own cells."""
        for number, person in enumerate(truth.people[:40]):
            left = truth.cells - truth.without(number).cells
            assert set(left) == set(person.places())

    @each_truth
    def test_a_re_issue_shows_that_somebody_left_even_when_rounded(self, truth):
        """Twin: a forced re-issue under the same key changes figures for some: so nothing sealed is replaced."""
        before = truth.release(key_of(3))
        seen = sum(truth.without(number).release(key_of(3)) != before for number in range(0, len(truth.people), 3))
        print(f"A5 twin {truth.name}: {seen} of {len(range(0, len(truth.people), 3))} re-issues differ visibly")
        assert seen

    @each_truth
    def test_nearest_rounding_and_hiding_name_cells_of_some(self, truth):
        """Twin: where a cell crosses a limit, the re-issue says in which cell the person was."""
        for shown in (naive.nearest, naive.hidden):
            named = 0
            for number, person in enumerate(truth.people):
                after = truth.without(number).cells
                changed = {c for c, count in truth.cells.items() if shown(count) != shown(after[c])}
                assert changed <= set(person.places())
                named += bool(changed)
            assert named / truth.total > 0.2


class TestRosters:
    """A9: a host leaves between two periods, and the rest is thought to be as before."""

    @each_truth
    def test_a_host_that_leaves_is_not_seen_in_the_difference(self, truth):
        """Even if everybody else's people stayed exactly as they were, no cell of the host is exact."""
        compared = 0
        for host in truth.hosts:
            rest = tuple(p for p in truth.people if p.host != host)
            before, after = truth.release(key_of(1)), Truth("rest", truth.hosts, rest).release(key_of(2), "2027")
            knowledge = Knowledge()
            know_release(knowledge, before, tag="before")
            know_release(knowledge, after, tag="after")
            both = {cell for cell, _ in before.cells()} & {cell for cell, _ in after.cells()}
            gone = [{("before", *cell): 1, ("after", *cell): -1} for cell in both]
            for difference in gone:
                knowledge.fact(difference, 0, truth.total)
            assert all(knowledge.width(difference) >= HISTORY_WIDTH for difference in gone)
            compared += len(gone)
        assert compared > len(truth.hosts)

    @each_truth
    def test_plain_stocks_give_the_leaving_host_away(self, truth):
        """Twin: with plain numbers the difference is the host's own table."""
        for host in truth.hosts:
            rest = Counter(place for p in truth.people if p.host != host for place in p.places())
            assert truth.cells - rest == truth.by_host[host]

    @pytest.mark.parametrize("hosts", range(5))
    def test_fewer_than_five_hosts_are_never_opened(self, hosts):
        """A cohort that shrank below five has no sum, whatever it would say."""
        zeros = LAYOUT.build({table: {} for table in TABLES}, 0)
        assert not may_open(hosts, PLAN.minimums)
        opening = open_cohort(layout=LAYOUT, sum_a=zeros, sum_of_expansions=zeros, hosts=hosts, minimums=PLAN.minimums)
        assert (opening.verdict, opening.opened) == (Verdict.TOO_FEW_HOSTS, None)

    @each_truth
    def test_a_category_of_two_hosts_is_never_shown(self, truth):
        """Where only two hosts are left in a category, its table is coarser or not shown, whatever its size."""
        two = truth.hosts[1:3]
        people = tuple(p for p in truth.people if p.host in two or p.region != "ASIA")
        assert REGION not in Truth("two", truth.hosts, people).release(key_of(1)).tables
