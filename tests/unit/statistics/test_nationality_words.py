"""Nationality words: every one in the table maps, none falls silently into the rest."""

import contextlib
import time
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
PARTNERS = {
    "UK": "GBR",
    "Vietnamese": "VNM",
    "Guinea-Bissau": "GNB",
    "Hong Konger": "HKG",
    "Trinidad and Tobago": "TTO",
}
SHORT = {nationalities.UK: UK, nationalities.REST: REST, nationalities.AFRICA: AFRICA, nationalities.ASIA: ASIA}


def plain(words):
    """A spelling without what the reader looks through: brackets, dots, hyphens, the article."""
    bare = "".join(" " if c in "-()" else "" if c in ".'" else c for c in words.casefold()).split()
    return " ".join(word for word in bare if word != "the")


WHOLE = {plain(word): code for word, code in WORDS}


class TestUsualForms:
    @pytest.mark.parametrize(
        ("word", "code"),
        [
            ("Hong Konger", "HKG"), ("Korea, South", "KOR"), ("Korea (North)", "PRK"), ("Gambia, The", "GMB"),
            ("Citizen of Guinea-Bissau", "GNB"), ("Citizen of the Dominican Republic", "DOM"), ("citizen of Vanuatu", "VUT"),
            ("Congo, Democratic Republic of the", "COD"), ("Congolese (DRC)", "COD"), ("Iran (Islamic Republic of)", "IRN"),
            ("Tanzania, United Republic of", "TZA"), ("Polish national", "POL"), ("St. Lucia", "LCA"), ("Saint Lucia", "LCA"),
            ("Trinidad & Tobago", "TTO"), ("Lao People\u2019s Democratic Republic", "LAO"), ("Macanese", "MAC"),
            ("Gibraltarian", "GIB"), ("Puerto Rican", "PRI"), ("Vatican citizen", "VAT"), ("Cymraes", "GBR"),
            ("British National (Overseas)", "GBR"), ("Turks and Caicos Islander", "TCA"), ("Russian Federation", "RUS"),
            ("Moldova, Republic of", "MDA"), ("Myanmar (Burma)", "MMR"), ("U.S.A.", "USA"), ("Curaçao", "CUW"),
        ],
    )  # fmt: skip
    def test_as_hosts_and_the_home_office_write_it(self, word, code):
        """Turned round at a comma, with "citizen of", "national", accents, saints and articles."""
        assert parse(word).iso_codes == (code,)

    @pytest.mark.parametrize("word", ["Korean", "Korea", "Congolese", "Czechoslovak", "Albanian or Italian"])
    def test_a_word_that_may_be_two_countries_is_asked_about(self, word):
        """Nobody guesses between them."""
        with pytest.raises(UnknownCodeError):
            parse(word)

    def test_a_long_text_is_refused_at_once(self):
        """Time does not grow with the square of the words: what is longer than any word is not looked at."""
        began = time.perf_counter()
        for text in ("Albanian " * 50_000, "a " * 500_000, "(" * 100_000, "and " * 100_000):
            with pytest.raises(UnknownCodeError):
                parse(text)
        assert time.perf_counter() - began < 2


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
        """Each word of the table beside each of these makes their two countries, ascending, whichever stands first."""
        for word, code in WORDS:
            for partner, other in PARTNERS.items():
                for pair in (f"{word} {partner}", f"{partner} {word}"):
                    whole = WHOLE.get(plain(pair))
                    assert parse(pair).iso_codes == ((whole,) if whole else tuple(sorted({code, other}))), pair

    @pytest.mark.parametrize(
        "words",
        ["Albanian/Italian", "Italian / Albanian", "Albanian, Italian", "Albanian and Italian", "Albanian & Italian",
         "Albanian-Italian", "Albanian; Italian", "Dual Albanian Italian", "Dual national: Albanian/Italian",
         "ALB/ITA", "Albania + Italy"],
    )  # fmt: skip
    def test_however_the_two_are_parted(self, words):
        """A stroke, a comma, "and", a hyphen: the same two countries."""
        assert parse(words).iso_codes == ("ALB", "ITA")

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

    @pytest.mark.parametrize("text", ["&", "and", "And", "& &", "and and", "Albania and", "& Albania", "and/Albania"])
    def test_a_bare_and_is_no_country(self, text):
        """Andorra's code, AND, is also a word and, read from "&", a sign; only the code alone, in capitals, is Andorra."""
        with contextlib.suppress(UnknownCodeError):
            assert "AND" not in parse(text).iso_codes
        assert parse("AND").iso_codes == parse(" AND ").iso_codes == parse("Andorran").iso_codes == ("AND",)
        assert parse("Albania and Andorra").iso_codes == ("ALB", "AND")

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
