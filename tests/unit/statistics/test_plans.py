"""Plans: fixed by their hash, complete for every person, and never wider than the rules of disclosure allow."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codelists.lists import get
from shared.codelists.plan import Category, Level, Table, UnknownPlanError, load_plan
from shared.codelists.plan_compiler import Place, PlanRefusedError, check_timing, compile_plan

YEAR, QUARTER = load_plan("year-v1"), load_plan("quarter-v1")
HASHES = {
    "year-v1": "b6322ee9802a7354f6f61395bb11ab6ef413395df90f3dec49b30024f9afcbe2",
    "quarter-v1": "dabe9c96763d3c42e07ef08ac3ff04c0bf003673f83c985f978438dfac66d068",
}
"""What hosts, board and custodian have agreed to. Another hash is another plan: give it a new version and notice."""


class TestHash:
    @pytest.mark.parametrize("plan_id", HASHES)
    def test_of_shipped_plans_never_changes(self, plan_id):
        """A plan that was announced stays as it is; a change is a new plan."""
        assert load_plan(plan_id).hash() == HASHES[plan_id]

    def test_is_the_same_in_another_process(self):
        """Neither a process's seed of hashes nor its time zone matters."""
        script = "from shared.codelists.plan import load_plan; print(load_plan('year-v1').hash())"
        environment = {**os.environ, "PYTHONPATH": ".", "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
        found = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == YEAR.hash()

    @pytest.mark.parametrize(
        "change",
        [
            {"minimums": replace(YEAR.minimums, threshold=5)},
            {"minimums": replace(YEAR.minimums, hosts=4)},
            {"tables": YEAR.tables[1:]},
            {"tables": YEAR.tables[::-1]},
            {"version": 2},
            {"applies_from": date(2030, 1, 1)},
        ],
        ids=["threshold", "hosts", "a-table-less", "order", "version", "days"],
    )
    def test_names_everything(self, change):
        """Tables, their order, minimums and days are all part of what is agreed."""
        assert replace(YEAR, **change).hash() != YEAR.hash()

    def test_covers_every_word(self):
        """The hash is over the whole plan, labels too: no field is left out by mistake."""
        names = json.dumps(asdict(YEAR), default=str)
        assert all(category.label in names for table in YEAR.tables for category in table.levels[0].categories)
        relabelled = replace(YEAR.tables[0], title="Sex")
        assert replace(YEAR, tables=(relabelled, *YEAR.tables[1:])).hash() != YEAR.hash()


class TestPlans:
    def test_there_are_two(self):
        """Another name, a path too, is no plan."""
        for name in ("year-v2", "", "../plans/year-v1", "year-v1.yaml"):
            with pytest.raises(UnknownPlanError):
                load_plan(name)

    def test_are_those_of_the_decisions(self):
        """A quarter has no dimension; a year has gender, four yes/no items and the region at three levels."""
        assert QUARTER.tables == ()
        assert [(t.id, len(t.levels), [len(level.categories) for level in t.levels]) for t in YEAR.tables] == [
            ("GENDER", 1, [2]),
            ("EXPLOITATION_LABOUR", 1, [2]),
            ("EXPLOITATION_SEXUAL", 1, [2]),
            ("EXPLOITATION_CRIMINAL", 1, [2]),
            ("EXPLOITATION_DOMESTIC", 1, [2]),
            ("REGION_OF_NATIONALITY", 3, [4, 3, 2]),
        ]
        m = YEAR.minimums
        assert (m.hosts, m.people, m.cell_hosts, m.max_share, m.threshold, m.base, m.width) == (5, 20, 3, 0.8, 10, 5, 4)

    @given(
        st.sampled_from(get("gender").codes),
        st.sets(st.sampled_from(get("exploitation_type").codes)),
        st.sampled_from(get("region_of_nationality").codes),
    )
    def test_everyone_has_exactly_one_category_of_each_table(self, gender, types, region):
        """Every listed code of every fact falls in one category, unknown and declined ones too."""
        placed = YEAR.categorise({"gender": gender, "exploitation_types": tuple(types), "region": region})
        assert set(placed) == {table.id for table in YEAR.tables}
        assert placed["GENDER"] == ("FEMALE" if gender == "FEMALE" else "MALE_OR_OTHER_OR_NOT_STATED")
        assert placed["REGION_OF_NATIONALITY"] == region
        for item in ("LABOUR", "SEXUAL", "CRIMINAL", "DOMESTIC"):
            assert placed[f"EXPLOITATION_{item}"] == ("YES" if item in types else "NO")


def setting_table(fact="setting", codes=("NATIONAL_CHARITY", "LOCAL_CHARITY", "COUNCIL")):
    categories = tuple(Category(code=code, label=code) for code in codes)
    return Table(
        id="PLACE", title="Place", source_fact=fact, levels=(Level(number=1, title="All", categories=categories),)
    )


def with_tables(*tables):
    return replace(YEAR, tables=tables)


class TestCompiler:
    roster = tuple(Place(nation="ENGLAND", setting="NATIONAL_CHARITY") for _ in range(6))

    def refused(self, plan):
        with pytest.raises(PlanRefusedError) as caught:
            compile_plan(plan, self.roster)
        return caught.value.rule

    def test_shipped_plans_pass_unchanged(self):
        """Nothing of plan v1 depends on the roster."""
        for plan in (YEAR, QUARTER):
            assert compile_plan(plan, self.roster) == plan

    @pytest.mark.parametrize(
        ("plan", "rule"),
        [
            (replace(QUARTER, tables=YEAR.tables[:1]), "quarter-without-tables"),
            (with_tables(YEAR.tables[0], replace(YEAR.tables[0], id="SEX")), "one-fact-one-table"),
            (with_tables(*YEAR.tables[:2], replace(YEAR.tables[1], id="AGAIN")), "one-fact-one-table"),
            (with_tables(YEAR.tables[0], YEAR.tables[0]), "one-name-one-table"),
            (with_tables(replace(YEAR.tables[0], measure="STOCK")), "no-stocks"),
            (with_tables(replace(YEAR.tables[0], measure="CUMULATIVE")), "no-stocks"),
            (with_tables(replace(YEAR.tables[0], source_fact="notes")), "closed-code-list"),
            (with_tables(replace(YEAR.tables[0], crossed_with=("region",))), "one-way"),
            (
                with_tables(replace(YEAR.tables[0], crossed_with=("region", "exploitation_types", "nation"))),
                "three-dimensions",
            ),
        ],
        ids=[
            "quarter",
            "fact-twice",
            "item-twice",
            "name-twice",
            "stock",
            "cumulative",
            "free-text",
            "crossed",
            "four",
        ],
    )
    def test_what_a_plan_may_not_ask(self, plan, rule):
        """Each rule has a name; nothing is counted by a plan that breaks one."""
        assert self.refused(plan) == rule

    @given(st.lists(st.sampled_from(["NATIONAL_CHARITY", "LOCAL_CHARITY", "COUNCIL", "LAW_CENTRE"]), max_size=40))
    def test_no_place_that_fewer_than_five_hosts_can_fill(self, settings_of_hosts):
        """Every category left, the rest too, can be filled by five rostered hosts; or there is no table."""
        roster = [Place(nation="ENGLAND", setting=setting) for setting in settings_of_hosts]
        codes = ("NATIONAL_CHARITY", "LOCAL_CHARITY", "COUNCIL", "LAW_CENTRE")
        compiled = compile_plan(with_tables(setting_table(codes=codes)), roster)
        for table in compiled.tables:
            filled = {category.code: 0 for category in table.levels[0].categories}
            for place in roster:
                filled[table.category_of({"setting": place.setting})] += 1
            assert len(filled) >= 2
            assert all(count >= 5 for count in filled.values())

    def test_a_new_table_has_notice_and_no_past(self):
        """28 days' notice, and never for a period that began before."""
        late = replace(YEAR, announced_on=date(2026, 12, 10), applies_from=date(2027, 1, 1))
        with pytest.raises(PlanRefusedError) as caught:
            check_timing(late, "2027", date(2027, 1, 1))
        assert caught.value.rule == "notice"
        announced = replace(late, announced_on=date(2026, 12, 4))
        check_timing(announced, "2027", date(2027, 1, 1))
        with pytest.raises(PlanRefusedError) as caught:
            check_timing(announced, "2026", date(2026, 1, 1))
        assert caught.value.rule == "past-period"
