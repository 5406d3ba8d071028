"""The oracle agrees with the figures counted by hand, and leans on nothing of the product."""

import ast
from pathlib import Path

import pytest

from tests.oracle import nationalities, oracle

needs_data = pytest.mark.skipif(
    oracle.folder() is None,
    reason="the real tables do not lie beside the project (../shared/data, or ALONGSIDE_REAL_DATA)",
)
BY_HAND = [
    ("2023q3", oracle.Fates(children=58, held=8, adults=144, effective=112, reconfirm=15, refused=9, unknown=8)),
    ("2023q4", oracle.Fates(children=46, held=7, adults=168, effective=128, reconfirm=18, refused=10, unknown=12)),
]


@needs_data
class TestRealQuarter:
    @pytest.mark.parametrize(("quarter", "figures"), BY_HAND)
    def test_by_hand(self, quarter, figures):
        """Children, held, adults, effective, to reconfirm, refused and unknown are those counted by hand."""
        assert oracle.RealQuarter(quarter).total == figures

    @pytest.mark.parametrize("quarter", oracle.QUARTERS)
    def test_every_row_has_one_fate(self, quarter):
        """Each host's rows are children, held or adults, and each adult's consent is in one state."""
        real = oracle.RealQuarter(quarter)
        for host, fates in real.hosts.items():
            assert fates.children + fates.held + fates.adults == len(real.rows[host])
            assert fates.effective + fates.reconfirm + fates.refused + fates.unknown == fates.adults

    @pytest.mark.parametrize("quarter", oracle.QUARTERS)
    def test_every_table_adds_up_to_the_people_at_every_level_and_host(self, quarter):
        """A person falls in exactly one category of each level of each table."""
        real = oracle.RealQuarter(quarter)
        tables = {(table, level) for table, level, _ in real.cells}
        for table in tables:
            cells = [cell for key, cell in real.cells.items() if key[:2] == table]
            assert sum(cell.people for cell in cells) == real.people
            for host, fates in real.hosts.items():
                assert sum(cell.by_host.get(host, 0) for cell in cells) == fates.effective

    @pytest.mark.parametrize(("quarter", "hosts"), [("2023q3", 7), ("2023q4", 6)])
    def test_hosts_without_anybody_to_count_contribute_to_no_cell(self, quarter, hosts):
        """A host that sends zeros is in the cohort and contributes to no cell."""
        real = oracle.RealQuarter(quarter)
        assert real.contributing_hosts == hosts
        assert max(cell.hosts for cell in real.cells.values()) <= hosts

    @pytest.mark.parametrize(("quarter", "criminal"), [("2023q3", (0,)), ("2023q4", (1,))])
    def test_levels_that_hold_for_every_coin(self, quarter, criminal):
        """On the real files nothing hangs on the coin: the UK's own cell fails, and one quarter's criminal one."""
        assert oracle.RealQuarter(quarter).expected_levels() == {
            "GENDER": (1,),
            "EXPLOITATION_LABOUR": (1,),
            "EXPLOITATION_SEXUAL": (1,),
            "EXPLOITATION_CRIMINAL": criminal,
            "EXPLOITATION_DOMESTIC": (1,),
            "REGION_OF_NATIONALITY": (2,),
        }

    @pytest.mark.parametrize("quarter", oracle.QUARTERS)
    def test_the_short_count_is_the_same_count(self, quarter):
        """The short form holds the same people."""
        short, real = oracle.count(quarter), oracle.RealQuarter(quarter)
        assert sum(short.effective.values()) == real.people
        assert sum(short.cells["REGION", "UK"].values()) == real.cells["REGION_OF_NATIONALITY", 1, "UK"].people

    @pytest.mark.parametrize("quarter", oracle.QUARTERS)
    def test_secrets_hold_ids_days_notes_and_counts_and_nothing_short(self, quarter):
        """A leak scan finds a reference, a day in any spelling, a note and a host's row of a table."""
        secrets = oracle.secrets_of(quarter)
        lines = [row for found in oracle.RealQuarter(quarter).rows.values() for row in found]
        assert {row["Client Ref"] for row in lines} < secrets
        assert {row["Referral Date"] for row in lines} < secrets
        assert {"call before 5", '=HYPERLINK("http://example.org")'} < secrets
        assert any(text.startswith("'FEMALE': ") for text in secrets)
        # A short string would be found anywhere by chance.
        assert min(len(text) for text in secrets) >= 10


class TestCell:
    @pytest.mark.parametrize(
        ("by_host", "verdict"),
        [
            ({"a": 4, "b": 3, "c": 3}, oracle.SURE),
            ({"a": 2, "b": 2, "c": 2}, oracle.COIN),
            ({"a": 2, "b": 2, "c": 1}, oracle.NEVER),
            ({"a": 20, "b": 20}, oracle.NEVER),
            ({"a": 40, "b": 1, "c": 1}, oracle.NEVER),
            ({}, oracle.NEVER),
        ],
        ids=["enough", "either-way", "too-small", "two-hosts", "one-host-dominates", "nobody"],
    )
    def test_is_shown_with_three_hosts_none_dominant_and_a_rounded_ten(self, by_host, verdict):
        """At least 3 hosts, a share bound of at most 0.8, and 10 when rounded to base 5, down as well as up."""
        assert oracle.Cell(by_host=by_host).verdict() == verdict


class TestNationalities:
    @pytest.mark.parametrize(
        ("words", "codes", "region"),
        [
            ("Pakistani UK", ("GBR", "PAK"), nationalities.UK),
            ("Central African UK", ("CAF", "GBR"), nationalities.UK),
            ("Egyptian Turkish", ("EGY", "TUR"), nationalities.AFRICA),
            ("Italian Moroccan", ("ITA", "MAR"), nationalities.REST),
            ("Citizen of Guinea Bissau Portuguese", ("GNB", "PRT"), nationalities.AFRICA),
            ("South Sudanese", ("SSD",), nationalities.AFRICA),
            ("Congolese Drc ", ("COD",), nationalities.AFRICA),
            ("Turkish", ("TUR",), nationalities.ASIA),
            ("Macedonian", ("MKD",), nationalities.REST),
        ],
    )
    def test_two_nationalities(self, words, codes, region):
        """The UK if one is, else the region of the first ISO code alphabetically."""
        assert nationalities.iso_codes(words) == codes
        assert nationalities.region(words) == region

    def test_refuses_a_word_that_nobody_wrote_down(self):
        """A word is never counted as the rest by default."""
        with pytest.raises(KeyError):
            nationalities.region("Atlantean")


def test_shares_nothing_with_the_product():
    """The oracle imports the standard library and its own tables only."""
    product = {"services", "shared", "deploy", "client"}
    for path in Path(oracle.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & product, path.name
