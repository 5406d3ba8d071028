from itertools import product

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from services.custodian.gate.examine import examine
from services.custodian.gate.intervals import SolverLimitError, intervals
from services.custodian.gate.outsider import attack_history, attack_release
from services.custodian.gate.release import PublicTable
from services.custodian.gate.world import describe, links
from tests.unit.custodian.gate_cases import even, given, plan, release, rules, shown, table

AB = plan(table("T", ["A", "B"]))
MERGED = plan(table("T", list("ABCDEFGH"), {"ABCD": list("ABCD"), "EFGH": list("EFGH")}))
A40 = shown("T", 1, {"A": 40, "B": 60})
PEOPLE_100 = even(AB, {"T": {"A": 40, "B": 60}})


class TestInsideARelease:
    def test_each_cell_of_a_rounded_table_keeps_its_width(self):
        """Cells of a one-way table, rounded to 5, lie anywhere within 4 of their figure: width 8."""
        assert attack_release(given(release(AB, 100, A40), PEOPLE_100)) == []

    def test_a_smaller_base_is_too_narrow(self):
        """Twin: rounded to 2, the interval is 2 wide."""
        narrow = plan(table("T", ["A", "B"]), base=2)
        found = attack_release(given(release(narrow, 100, A40), PEOPLE_100))
        assert rules(found) == {("OUTSIDER_WIDTH", "T"), ("OUTSIDER_WIDTH", "PEOPLE")}

    def test_a_public_count_may_narrow_a_planted_7(self):
        """A 10 whose true 6 to 9 the public table caps at 7 has two values left; without it, nine."""
        candidate = release(AB, 60, shown("T", 1, {"A": 10, "B": 50}))
        people = even(AB, {"T": {"A": 7, "B": 53}})
        public = PublicTable(period="2026", table="T", counts={"A": 7, "B": 90}, covers=True)
        assert attack_release(given(candidate, people)) == []
        assert ("OUTSIDER_WIDTH", "T") in rules(attack_release(given(candidate, people, public=(public,))))

    @pytest.mark.parametrize(("most", "narrow"), [(9, True), (10, False)])
    def test_three_values_left_are_too_few_and_four_are_not(self, most, narrow):
        """The least width is 4 to the number: from 6 to 9 is too narrow, from 6 to 10 is not."""
        candidate = release(AB, 60, shown("T", 1, {"A": 10, "B": 50}))
        public = PublicTable(period="2026", table="T", counts={"A": most, "B": 90}, covers=True)
        case = given(candidate, even(AB, {"T": {"A": 7, "B": 53}}), public=(public,))
        assert (("OUTSIDER_WIDTH", "T") in rules(attack_release(case))) is narrow

    def test_a_public_table_that_may_miss_someone_bounds_nothing(self):
        """Twin: where a counted person may be missing from it, its counts are no bounds."""
        candidate = release(AB, 60, shown("T", 1, {"A": 10, "B": 50}))
        public = PublicTable(period="2026", table="T", counts={"A": 7, "B": 90})
        assert attack_release(given(candidate, even(AB, {"T": {"A": 7, "B": 53}}), public=(public,))) == []

    def test_the_rule_is_vacuous_on_a_true_1_to_5(self):
        """No true 1 to 5 is ever in a shown cell: the least figure shown is 10, which stands for 6 at least."""
        world = describe([release(AB, 60, shown("T", 1, {"A": 10, "B": 50}))])
        found = intervals(world, (), limit=4, time_limit_s=10.0)
        assert min(interval.low for unknown, interval in found.items() if unknown.table == "T") == 6


class TestOverHistory:
    def test_other_periods_narrow_nothing(self):
        """Two years count different people, whatever their figures."""
        old = release(AB, 100, shown("T", 1, {"A": 55, "B": 45}), period="2025")
        over = attack_history(given(release(AB, 100, A40), PEOPLE_100, old))
        assert over == ([], 0, 8)

    def test_the_same_people_rounded_again_apart(self):
        """#136 of sdcTools, linked tables protected one by one: each is wide, together they are not."""
        old = release(AB, 100, shown("T", 1, {"A": 35, "B": 65}))
        assert attack_release(given(old, PEOPLE_100)) == attack_release(given(release(AB, 100, A40), PEOPLE_100)) == []
        over = attack_history(given(release(AB, 100, A40), PEOPLE_100, old))
        assert rules(over.findings) == {("HISTORY_NARROWED", "T")}
        assert (over.exact_recoveries, over.least_width) == (0, 3)

    def test_the_same_people_rounded_the_same_way_again(self):
        """Twin: the same figures twice say nothing new."""
        assert attack_history(given(release(AB, 100, A40), PEOPLE_100, release(AB, 100, A40))) == ([], 0, 8)

    def test_a_margin_shown_before_reveals_the_cells_of_now(self):
        """#198 of ACRO: merged cells that were shown, and parts that all went the other way, leave one table."""
        old = release(MERGED, 120, shown("T", 2, {"ABCD": 60, "EFGH": 60}))
        fine = {**dict.fromkeys("ABCD", 10), **dict.fromkeys("EFGH", 20)}
        candidate = release(MERGED, 120, shown("T", 1, fine))
        people = even(MERGED, {"T": {**dict.fromkeys("ABCD", 14), **dict.fromkeys("EFGH", 16)}})
        assert examine(given(candidate, people)).passed
        report = examine(given(candidate, people, old))
        assert ("HISTORY_EXACT", "T") in rules(report.findings)
        assert report.exact_recoveries == 12  # Eight cells now, two before, and both totals.

    def test_approximate_disclosure_counts_too(self):
        """#160 of sdcTools: a cell that is narrow without being exact is a finding, also over history."""
        old = release(AB, 100, shown("T", 1, {"A": 33, "B": 67}))
        over = attack_history(given(release(AB, 100, A40), PEOPLE_100, old))
        assert ("HISTORY_WIDTH", "T") in rules(over.findings)
        assert over.least_width == 1

    def test_flow_and_running_total_narrow_each_other(self):
        """Four quarters of a table and their year: every cell is joined; the year's figure narrows them."""
        quarters = [
            release(AB, 30, shown("T", 1, {"A": 10, "B": 20}), period=f"2026-Q{number}") for number in (1, 2, 3, 4)
        ]
        people = even(AB, {"T": {"A": 54, "B": 84}})
        candidate = release(AB, 140, shown("T", 1, {"A": 55, "B": 85}))
        found = rules(attack_history(given(candidate, people, *quarters)).findings)
        assert ("HISTORY_NARROWED", "T") in found
        alone = attack_history(given(candidate, people, *quarters[:3]))
        assert alone.findings == []

    def test_quarters_without_tables_and_their_year_pass(self):
        """Twin: the plan's own quarters count people only, and their sum says nothing of a cell."""
        bare = plan()
        quarters = [release(bare, 25, period=f"2026-Q{number}") for number in (1, 2, 3, 4)]
        assert attack_history(given(release(AB, 100, A40), PEOPLE_100, *quarters)).findings == []

    def test_a_link_that_is_contradicted_is_dropped(self):
        """When the year's total is far from its quarters', people came late, and no link holds."""
        bare = plan()
        quarters = [release(bare, 25, period=f"2026-Q{number}") for number in (1, 2, 3, 4)]
        people = even(AB, {"T": {"A": 70, "B": 70}})
        candidate = release(AB, 140, shown("T", 1, {"A": 70, "B": 70}))
        assert attack_history(given(candidate, people, *quarters)).findings == []

    def test_two_releases_of_one_period_that_contradict_each_other(self):
        """The same people cannot have both figures; one of the two is not what it seems, so nothing leaves."""
        old = release(AB, 140, shown("T", 1, {"A": 70, "B": 70}))
        found = attack_history(given(release(AB, 100, A40), PEOPLE_100, old)).findings
        assert ("HISTORY_CONTRADICTED", "PEOPLE") in rules(found)

    def test_a_solver_without_time_decides_nothing(self, monkeypatch):
        """A limit of the solver is a finding, not a pass."""

        def no_time(*_, **__):
            raise SolverLimitError

        monkeypatch.setattr("services.custodian.gate.outsider.intervals", no_time)
        report = examine(given(release(AB, 100, A40), PEOPLE_100))
        assert ("UNDECIDED", "PEOPLE") in rules(report.findings)


counts = st.lists(st.integers(0, 25), min_size=2, max_size=3)


def rounded_near(value):
    """Any neighbouring multiple of 5; an exact one stays."""
    return st.sampled_from([value // 5 * 5, -(-value // 5) * 5])


@st.composite
def releases_of_one_table(draw):
    """A true table of at least 20 people, and one or two additive roundings of it."""
    true = draw(counts.filter(lambda cells: sum(cells) >= 20))
    names = ["A", "B", "C"][: len(true)]
    made = []
    for _ in range(draw(st.integers(1, 2))):
        total = draw(rounded_near(sum(true)))
        cells = draw(st.tuples(*(rounded_near(v) for v in true)))
        if sum(cells) == total:
            made.append((total, dict(zip(names, cells, strict=True))))
    return names, true, made


@settings(max_examples=60, deadline=None)
@drawn(releases_of_one_table())
def test_intervals_are_those_of_all_true_tables_that_fit(case):
    """For any small table, the gate's interval is what listing every true table gives."""
    names, _, made = case
    if not made:
        return
    of_plan = plan(table("T", names))
    seen = [release(of_plan, total, shown("T", 1, cells)) for total, cells in made]
    rows = [row for link in links(seen) for row in link.rows]
    found = intervals(describe(seen), rows, limit=4, time_limit_s=10.0)
    fitting = [
        cells
        for cells in product(*(range(max(0, made[0][1][n] - 4), made[0][1][n] + 5) for n in names))
        if sum(cells) >= 20
        and all(
            abs(sum(cells) - total) <= 4 and all(abs(c - shown_[n]) <= 4 for c, n in zip(cells, names, strict=True))
            for total, shown_ in made
        )
    ]
    for unknown, interval in found.items():
        if unknown.table == "T":
            values = [cells[names.index(unknown.category)] for cells in fitting]
        else:
            values = [sum(cells) for cells in fitting]
        assert (interval.low, interval.high) == (min(values), max(values))
