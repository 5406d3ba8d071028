"""Nationality words: every one in the table maps, none falls silently into the rest."""

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codelists import nationality
from shared.codelists.errors import UnknownCodeError
from shared.codelists.nationality import AFRICA, ASIA, REST, UK, parse, region_level_1
from tests.oracle import nationalities, oracle

ROWS = [
    line.split("|")
    for line in resources.files("shared.codelists").joinpath("data/countries.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
WORDS = [(word, code) for code, _, words in ROWS for word in words.split(",")]
REGIONS = {"UK": UK, "AFRICA": AFRICA, "ASIA": ASIA, "EUROPE": REST, "AMERICAS": REST, "OCEANIA": REST}
SHORT = {nationalities.UK: UK, nationalities.REST: REST, nationalities.AFRICA: AFRICA, nationalities.ASIA: ASIA}


class TestTable:
    def test_every_word_maps_to_its_country(self):
        """However it is written: as it stands, in capitals, with doubled spaces."""
        for word, code in WORDS:
            for spelling in (word, word.upper(), f"  {word.replace(' ', '  ')} "):
                assert parse(spelling).iso_codes == (code,)

    def test_every_code_is_a_word_and_has_a_region(self):
        """Each of the codes is ISO's three letters and lies in one of the plan's four regions."""
        assert nationality.known_codes() == {code for code, _, _ in ROWS}
        for code, region, _ in ROWS:
            assert len(code) == 3
            assert parse(code).iso_codes == (code,)
            assert region_level_1((code,)) == REGIONS[region]

    def test_no_word_means_two_countries(self):
        """A word stands once in the table, in one row."""
        words = [word.casefold() for word, _ in WORDS]
        assert len(words) == len(set(words))
        assert len(ROWS) == len({code for code, _, _ in ROWS})

    def test_only_one_country_is_the_uk(self):
        """The UK's own words, and no other's, are the UK's region."""
        assert [code for code, region, _ in ROWS if REGIONS[region] == UK] == ["GBR"]


class TestTwoNationalities:
    def test_side_by_side(self):
        """All pairs of words of the table make their two countries, ascending, whichever stands first."""
        for first, one in WORDS:
            for second, other in WORDS:
                assert parse(f"{first} {second}").iso_codes == tuple(sorted({one, other}))

    @pytest.mark.parametrize(
        ("words", "region"),
        [("Pakistani UK", UK), ("UK Pakistani", UK), ("Egyptian Turkish", AFRICA), ("Italian Moroccan", REST)],
    )
    def test_the_uk_first_then_the_first_code(self, words, region):
        """The UK if one is, else the region of the first ISO code alphabetically."""
        assert region_level_1(parse(words).iso_codes) == region


class TestUnknown:
    @pytest.mark.parametrize("word", ["Stateless", "unknown", "Not specified or unknown", " NOT KNOWN "])
    def test_unknown_is_a_word_of_the_table(self, word):
        """It gives no code and the rest, by name."""
        assert parse(word).iso_codes == ()
        assert region_level_1(()) == REST

    @pytest.mark.parametrize("word", ["", " ", "Atlantean", "Albanian?", "Albanian Atlantean", "UK UK UK", "other"])
    def test_anything_else_raises(self, word):
        """A typing error is never counted as the rest, and the message does not repeat it."""
        with pytest.raises(UnknownCodeError) as caught:
            parse(word)
        assert not word.strip() or word not in str(caught.value)

    @given(st.text(min_size=1, max_size=12))
    def test_free_text_never_becomes_a_country_by_chance(self, text):
        """What is no word of the table, nor two of them, raises."""
        known = {word.casefold() for word, _ in WORDS} | {code.casefold() for code, _, _ in ROWS}
        parts = text.casefold().split()
        if not any(part in known for part in parts) and " ".join(parts) not in nationality._UNKNOWN_WORDS:
            with pytest.raises(UnknownCodeError):
                parse(text)

    def test_an_unknown_code_has_no_region(self):
        """A code that is not in the table raises, also beside a known one."""
        for codes in (("ATL",), ("ALB", "ATL"), ("GBR", "ATL")):
            with pytest.raises(UnknownCodeError):
                region_level_1(codes)


def test_the_oracles_words_are_read_alike():
    """Every word written down by hand for the real files has the same code and region in the product."""
    for word, code in nationalities._CODES.items():
        assert parse(word).iso_codes == (code,)
        assert region_level_1((code,)) == SHORT[nationalities.region(word)]


@pytest.mark.skipif(
    oracle.folder() is None, reason="the real tables do not lie beside the project; the oracle's words ran"
)
@pytest.mark.parametrize("quarter", oracle.QUARTERS)
def test_every_word_of_the_real_files_is_read_alike(quarter):
    """Product and oracle give each real row the same codes and region."""
    for lines in oracle.RealQuarter(quarter).rows.values():
        for row in lines:
            codes = parse(row["Nationality"]).iso_codes
            assert codes == nationalities.iso_codes(row["Nationality"])
            assert region_level_1(codes) == SHORT[nationalities.region(row["Nationality"])]
