import hashlib
import logging

import pytest

from services.custodian.gate.release import GateSettings
from services.custodian.opening import deciding
from services.custodian.opening.deciding import Setting, as_seen, decide
from shared.contracts.vector import PEOPLE
from tests.unit.custodian.gate_cases import FAST, YEAR, even, plan, release, shown, table

REGIONS = {"UK": 20, "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN": 30, "AFRICA": 40, "ASIA": 50}
TRUE = {
    "GENDER": {"FEMALE": 60, "MALE_OR_OTHER_OR_NOT_STATED": 80},
    **{f"EXPLOITATION_{kind}": {"YES": 45, "NO": 95} for kind in ("LABOUR", "SEXUAL", "CRIMINAL", "DOMESTIC")},
    "REGION_OF_NATIONALITY": REGIONS,
}
OPENED = even(YEAR, TRUE, hosts=9)
KEY = hashlib.sha256(b"coin").digest()
REGION = "REGION_OF_NATIONALITY"


def setting(*history, of_plan=YEAR, settings=FAST, **rest):
    return Setting(plan=of_plan, period="2026", covers=("2026",), hosts=9, history=history, settings=settings, **rest)


def planted(level, cells, people=140):
    """An earlier release of the same people, of the region's table alone."""
    return release(YEAR, people, shown(REGION, level, cells), period="2026")


class TestComposition:
    def test_without_harm_every_table_comes_out_at_its_finest(self):
        """All exact multiples of 5, even hosts, no history: nothing goes coarser."""
        decided = decide(OPENED, setting(), coin_key=KEY)
        assert decided.release.levels == {t.id: 1 for t in YEAR.tables}
        assert decided.findings == ()
        assert decided.report.passed

    def test_with_a_planted_failing_history_it_goes_coarser(self):
        """Africa and the UK were shown 5 apart before: level 1 and 2 would narrow them, level 3 has them merged."""
        old = planted(1, {"UK": 25, "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN": 30, "AFRICA": 35, "ASIA": 50})
        decided = decide(OPENED, setting(old), coin_key=KEY)
        assert decided.release.levels[REGION] == 3
        assert decided.release.levels["GENDER"] == 1
        assert {finding.rule.value for finding in decided.findings} == {"HISTORY_NARROWED"}
        assert decided.report.passed

    def test_beyond_its_last_level_a_table_is_not_published(self):
        """Asia was shown 5 apart too: every level narrows it; the other tables stay."""
        old = planted(1, {"UK": 25, "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN": 30, "AFRICA": 40, "ASIA": 45})
        decided = decide(OPENED, setting(old), coin_key=KEY)
        assert REGION not in decided.release.levels
        assert set(decided.release.levels) == {t.id for t in YEAR.tables} - {REGION}
        assert decided.release.people == 140

    def test_nothing_is_published_when_the_total_itself_harms(self):
        """Two totals of the same people that contradict each other: no table stands without its total."""
        old = release(plan(), 200, period="2026")
        decided = decide(OPENED, setting(old), coin_key=KEY)
        assert decided.release.levels == {}
        assert decided.release.people is None
        assert decided.report is None

    def test_ends_with_nothing_when_nothing_helps(self):
        """A gate that no figure can satisfy: each table goes coarser until none is left."""
        impossible = GateSettings(draws=2_000, least_effective=10, history_width=100)
        decided = decide(OPENED, setting(settings=impossible), coin_key=KEY)
        assert decided.release.levels == {}
        assert decided.release.people is None

    @pytest.mark.parametrize("part", ["examine", "protect"])
    def test_fails_closed(self, part, monkeypatch):
        """An error in the protector or the gate publishes nothing and is logged without what it quotes."""

        def fails(*_, **__):
            raise ValueError("true count of 45 women")

        records = []
        handler = logging.Handler()
        handler.emit = records.append
        logger = logging.getLogger(deciding.__name__)
        monkeypatch.setattr(deciding, part, fails)
        logger.addHandler(handler)
        try:
            decided = decide(OPENED, setting(), coin_key=KEY)
        finally:
            logger.removeHandler(handler)
        assert decided.release.people is None
        assert {t.status for t in decided.release.tables} == {"NOT_PUBLISHED"}
        assert [record.levelname for record in records] == ["ERROR"]
        assert "women" not in str([vars(record) for record in records])

    def test_the_same_key_decides_the_same(self):
        """A restart before the commit comes to the same release."""
        assert decide(OPENED, setting(), coin_key=KEY) == decide(OPENED, setting(), coin_key=KEY)

    def test_what_was_decided_harms_nothing_as_history(self):
        """A release is no trouble to the release of another year."""
        first = decide(OPENED, setting(), coin_key=KEY)
        other = Setting(
            plan=YEAR,
            period="2027",
            covers=("2027",),
            hosts=9,
            history=(as_seen(first.release, setting()),),
            settings=FAST,
        )
        second = decide(OPENED, other, coin_key=KEY[::-1])
        assert second.findings == ()
        assert second.report.exact_recoveries == 0

    def test_a_total_is_enough(self):
        """A quarter's plan has no table; its total alone passes."""
        bare = plan()
        people = even(plan(table("T", ["A", "B"])), {"T": {"A": 20, "B": 17}})
        total = type(people)(
            people=37,
            counts={PEOPLE: 37},
            hosts={PEOPLE: people.hosts[PEOPLE]},
            squares={PEOPLE: people.squares[PEOPLE]},
        )
        assert decide(total, setting(of_plan=bare), coin_key=KEY).release.people in (35, 40)
