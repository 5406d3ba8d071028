"""The demo's shipped exports: invented, always the same, and safe to predict what becomes of them."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from math import sqrt

import pytest

from deploy.demo.hosts import HOSTS, PERIOD, WORDING, WORDING_TEXT
from deploy.demo.make_exports import EXPORTS, make_exports
from services.case.imports.rules.profile import choose, shipped
from services.case.imports.rules.reading import read_sheet
from services.case.imports.rules.verdicts import judge
from shared.codelists.lists import get
from shared.codelists.periods import Period
from tests.unit.demo import by_hand

EXPECTED = json.loads((EXPORTS.parent / "expected.json").read_text(encoding="utf-8"))
TODAY = date(2027, 1, 14)


def files():
    return {host.id: (EXPORTS / host.file_name).read_bytes() for host in HOSTS}


each_host = pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.id)


class TestMakeExports:
    def test_writes_the_shipped_bytes(self):
        """The generator gives the same bytes every time, and they are the ones that are shipped."""
        shipped_bytes = {path.name: path.read_bytes() for path in EXPORTS.iterdir()}

        assert make_exports() == make_exports() == shipped_bytes

    def test_two_hosts_a_shape(self):
        """Three shapes, two hosts each; all six hosts are invented and of listed kinds."""
        assert Counter(host.profile for host in HOSTS) == {
            "salesforce_report": 2,
            "charity_semicolon": 2,
            "worker_spreadsheet": 2,
        }
        for host in HOSTS:
            assert get("organisation_setting").has(host.setting)
            assert get("nation").has(host.nation)

    @each_host
    def test_marks_every_record(self, host):
        """Every record says that it is synthetic, in a column of its own."""
        rows = by_hand.records(files()[host.id])
        assert rows
        assert {row[by_hand.MARKER] for row in rows} == {"SYNTHETIC"}

    @each_host
    def test_holds_what_real_exports_hold(self, host):
        """A refusal, a blank, a yes without a date, a child, no age, an unknown word, a formula, a record twice."""
        content = files()[host.id]
        figures = by_hand.fates(content)
        assert min(figures.values()) >= 1
        # Given without a private setting, and a plain yes.
        assert figures["reconfirm"] == 2
        assert b"=HYPERLINK" in content

    def test_has_bytes_that_are_not_utf_8(self):
        """The semicolon shape is CP1252, with a letter that tells it apart."""
        for host in HOSTS:
            content = files()[host.id]
            if host.profile == "charity_semicolon":
                assert "é".encode("cp1252") in content
                with pytest.raises(UnicodeDecodeError):
                    content.decode("utf-8")
            else:
                content.decode("utf-8")

    @each_host
    def test_says_yes_within_two_weeks_of_a_referral_in_the_period(self, host):
        """Referrals are of the demo's year; what was said was said by then, and holds for a year, past the seal."""
        assert PERIOD == "2026"
        for row in by_hand.records(files()[host.id]):
            referral = _day(row[by_hand.STARTED])
            assert date(2026, 1, 1) <= referral <= date(2026, 12, 31)
            if row[by_hand.SAID]:
                assert referral <= _day(row[by_hand.SAID]) < TODAY
                assert (_day(row[by_hand.SAID]) - referral).days <= 14
                assert _day(row[by_hand.SAID]) + timedelta(days=365) > Period.parse(PERIOD).seal_at().date()
                assert row[by_hand.WORDING] == WORDING


class TestExpected:
    @each_host
    def test_agrees_with_an_independent_count(self, host):
        """The shipped figures are those that a count from the bytes gives."""
        assert EXPECTED["hosts"][host.id] == by_hand.fates(files()[host.id])

    def test_total_is_the_hosts_sum_and_enough_people(self):
        """At least 75 adults whose permission counts, over six hosts."""
        total = {name: sum(host[name] for host in EXPECTED["hosts"].values()) for name in EXPECTED["total"]}
        assert EXPECTED["total"] == total
        assert EXPECTED["hosts"].keys() == {host.id for host in HOSTS}
        assert total["effective"] >= 75

    @each_host
    def test_agrees_with_the_importer(self, host):
        """The importer finds the profile by itself and gives every record the expected fate."""
        known = [column for profile in shipped().values() for column in profile.columns]
        sheet = read_sheet(files()[host.id], known)
        profile = choose(sheet, None)
        binding = profile.bind(sheet)
        kinds = Counter(verdict.kind for verdict in judge(sheet, binding, today=TODAY))
        figures = EXPECTED["hosts"][host.id]

        assert profile.id == host.profile
        # The comment, where the formula and the accents are, is dropped; so is the marker.
        assert set(binding.dropped) == set(profile.drop)
        assert kinds == {
            "ACCEPTED": figures["adults"],
            "POSSIBLE_CHILD": figures["children"],
            "HELD": figures["held"],
            "QUARANTINED": figures["quarantined"],
            "DUPLICATE": figures["duplicates"],
        }


class TestRelease:
    """What the demo must show whatever the coin: base 5, threshold 10 on rounded values, 3 hosts, share 0.8."""

    SHOWN = (
        ("GENDER", 2), ("LABOUR", 2), ("SEXUAL", 2), ("DOMESTIC", 2), ("REGION_2", 3),
    )  # fmt: skip

    @pytest.mark.parametrize(("table", "categories"), SHOWN)
    def test_shown_tables_are_far_from_every_edge(self, table, categories):
        """Each category has 15 people or more, 3 hosts or more, and no host near dominance."""
        found = {cell: hosts for cell, hosts in by_hand.cells(files()).items() if cell[0] == table}
        assert len(found) == categories
        for hosts in found.values():
            assert hosts.total() >= 15
            assert len(hosts) >= 3
            assert sqrt(sum(count**2 for count in hosts.values())) / hosts.total() <= 0.75

    @pytest.mark.parametrize("cell", [("REGION", "UK"), ("CRIMINAL", "YES")])
    def test_small_cells_never_round_to_the_threshold(self, cell):
        """A few people and no more: a table goes coarser, another is not published."""
        assert 1 <= by_hand.cells(files())[cell].total() <= 4

    def test_every_table_holds_everybody(self):
        """Each table adds up to the people whose permission counts."""
        tables = Counter()
        for (table, _), hosts in by_hand.cells(files()).items():
            tables[table] += hosts.total()
        assert set(tables.values()) == {EXPECTED["total"]["effective"]}


class TestWording:
    def test_is_the_shipped_page_and_names_its_code(self):
        """Hosts register the very page that is shipped, which fits the API's limit."""
        assert (EXPORTS.parent / "wording.md").read_text(encoding="utf-8") == WORDING_TEXT
        assert WORDING in WORDING_TEXT
        assert len(WORDING_TEXT) < 20_000

    @pytest.mark.parametrize(
        "promise",
        [
            "Saying no will not change your support",
            "You can change your mind at any time",
            "already out stay as they are",
            "we write it down only after it, you are still in that one count",
            "five minutes",
            "SYNTHETIC",
        ],
    )
    def test_says_what_a_survivor_must_know_first(self, promise):
        """What cannot be undone is said before a yes. Source: decisions 4, domain reference 14.8."""
        assert promise in " ".join(WORDING_TEXT.replace("*", "").split())

    @pytest.mark.parametrize("word", ["victim", "illegal", "processing", "mandatory", "non-compliant", "failed"])
    def test_never_says(self, word):
        """Words that do not belong in front of a survivor."""
        assert word not in WORDING_TEXT.lower()


def _day(text):
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007  A day without a time has no zone.
