import json
import re
from dataclasses import asdict, replace

import msgspec
import pytest

from services.custodian.gate.examine import examine
from services.custodian.gate.form import check_form
from services.custodian.gate.posterior import NoDrawsError
from services.custodian.gate.release import GateReport
from shared.contracts.vector import PEOPLE
from tests.unit.custodian.gate_cases import blocks, even, given, plan, release, rules, shown, table

AB = plan(table("T", ["A", "B"]), table("S", ["C", "D"]))
TRUE = {"T": {"A": 44, "B": 66}, "S": {"C": 31, "D": 79}}
PEOPLE_110 = even(AB, TRUE)
GOOD = (shown("T", 1, {"A": 45, "B": 65}), shown("S", 1, {"C": 30, "D": 80}))


class TestForm:
    def test_a_sound_release_passes(self):
        """A release that keeps every rule has no finding, and both figures over history."""
        assert examine(given(release(AB, 110, *GOOD), PEOPLE_110)) == GateReport(
            findings=(), exact_recoveries=0, least_width=8
        )

    def test_a_release_of_nothing_says_nothing(self):
        """Where nothing is shown there is nothing to attack."""
        assert examine(given(release(AB, None), PEOPLE_110)).passed

    @pytest.mark.parametrize(
        ("cells", "why"),
        [
            ({"A": 44, "B": 66}, "no multiples of the base"),
            ({"A": 45, "B": 70}, "does not add up"),
            ({"A": 50, "B": 60}, "5 or more from the truth"),
            ({"B": 65, "A": 45}, "not in the plan's order"),
            ({"A": 45, "X": 65}, "not the plan's categories"),
        ],
    )
    def test_a_malformed_table_is_named(self, cells, why):
        """The gate does not take the protector's word for what it shows."""
        report = examine(given(release(AB, 110, shown("T", 1, cells), GOOD[1]), PEOPLE_110))
        assert rules(report.findings) == {("MALFORMED", "T")}, why

    def test_a_figure_a_whole_base_from_the_truth_is_malformed(self):
        """A true multiple of the base stands for itself alone; 4 away is the most that rounding makes of any other."""
        candidate = release(AB, 110, shown("T", 1, {"A": 50, "B": 60}))
        found = [check_form(given(candidate, even(AB, {**TRUE, "T": {"A": a, "B": 110 - a}}))) for a in (45, 46)]
        assert (rules(found[0]), found[1]) == ({("MALFORMED", "T")}, [])

    def test_a_level_that_the_plan_does_not_declare(self):
        """An undeclared level is malformed, not an error."""
        report = examine(given(release(AB, 110, shown("T", 2, {"A": 45, "B": 65})), PEOPLE_110))
        assert rules(report.findings) == {("MALFORMED", "T")}

    @pytest.mark.parametrize("people", [None, 112, 120])
    def test_a_wrong_total_is_named(self, people):
        """A total that is missing, no multiple or far from the truth."""
        report = examine(given(release(AB, people, *GOOD), PEOPLE_110))
        assert rules(report.findings) == {("MALFORMED", "PEOPLE")}


class TestMinimums:
    def test_too_few_hosts_in_a_cell(self):
        """Two contributing hosts are one pair."""
        few = replace(PEOPLE_110, hosts={**PEOPLE_110.hosts, next(s for s in PEOPLE_110.hosts if s.category == "A"): 2})
        assert ("TOO_FEW_HOSTS", "T") in rules(examine(given(release(AB, 110, *GOOD), few)).findings)

    def test_a_dominant_host(self):
        """A host may hold more than 0.8 of a cell when its square is more than 0.64 of the cell's."""
        squares = {**PEOPLE_110.squares, next(s for s in PEOPLE_110.hosts if s.category == "C"): 620}
        found = rules(examine(given(release(AB, 110, *GOOD), replace(PEOPLE_110, squares=squares))).findings)
        assert ("DOMINANT_HOST", "S") in found
        assert ("DOMINANT_HOST", "T") not in found

    def test_below_the_threshold(self):
        """A shown 5 is below 10."""
        people = even(AB, {**TRUE, "T": {"A": 5, "B": 105}})
        tables = (shown("T", 1, {"A": 5, "B": 105}), GOOD[1])
        assert ("BELOW_THRESHOLD", "T") in rules(examine(given(release(AB, 110, *tables), people)).findings)

    def test_too_few_people_or_hosts_in_all(self):
        """Fewer than 20 people or 5 hosts: the total itself."""
        bare = plan()
        found = rules(examine(given(release(bare, 15, hosts=4), blocks(15, {}, hosts=4))).findings)
        assert {("TOO_FEW_PEOPLE", "PEOPLE"), ("TOO_FEW_HOSTS", "PEOPLE")} <= found

    def test_a_dominant_host_in_all(self):
        """One host with nearly everyone: the total itself."""
        most = replace(PEOPLE_110, squares={**PEOPLE_110.squares, PEOPLE: 11_000})
        assert ("DOMINANT_HOST", "PEOPLE") in rules(examine(given(release(AB, 110, *GOOD), most)).findings)


class TestReport:
    def test_it_never_holds_a_figure_of_a_cell(self):
        """A report with findings of many rules, as text and as JSON: no cell, rounded or true, nor total."""
        true = {"T": {"A": 3_141, "B": 2_718}, "S": {"C": 1_618, "D": 4_241}}
        people = even(AB, true, hosts=3)
        tables = (shown("T", 1, {"A": 3_140, "B": 2_720}), shown("S", 1, {"C": 1_620, "D": 4_240}))
        old = release(AB, 5_855, shown("T", 1, {"A": 3_135, "B": 2_720}))
        report = examine(given(release(AB, 5_860, *tables, hosts=3), people, old))
        assert len({finding.rule for finding in report.findings}) >= 2
        forbidden = {str(n) for cells in true.values() for n in cells.values()}
        forbidden |= {str(cell.value) for t in (*tables, *old.tables) for cell in t.cells}
        forbidden |= {str(n) for n in (*people.counts.values(), *people.squares.values(), 5_855, 5_860)} - {"3"}
        for text in (repr(report), json.dumps(asdict(report)), msgspec.json.encode(report).decode()):
            assert not set(re.findall(r"\d+", text)) & forbidden

    def test_an_error_of_the_job_shows_no_figure_either(self):
        """The gate's input may be printed by mistake: the opened blocks are not in it."""
        assert "44" not in repr(given(release(AB, None), PEOPLE_110))

    def test_it_tells_how_far_it_is(self):
        """Each step is named as it begins."""
        steps = []
        examine(given(release(AB, 110, *GOOD), PEOPLE_110), steps.append)
        assert steps == ["form", "minimums", "outsider", "one-host", "two-hosts", "replay", "history"]

    def test_too_few_draws_decide_nothing(self, monkeypatch):
        """An attack that cannot be simulated is a finding, not a pass."""

        def no_draws(*_, **__):
            raise NoDrawsError

        monkeypatch.setattr("services.custodian.gate.simulating.believe", no_draws)
        people = even(AB, {**TRUE, "T": {"A": 7, "B": 103}})
        tables = (shown("T", 1, {"A": 10, "B": 100}), GOOD[1])
        assert ("UNDECIDED", "PEOPLE") in rules(examine(given(release(AB, 110, *tables), people)).findings)
