"""Nationality words to ISO 3166-1 alpha-3, and to the regions that a plan may show.

Promise: a word that is not in the table raises; it never becomes "other". Stateless and unknown are words
of the table and give no code. Read are the usual forms too: "Citizen of Guinea-Bissau", "Korea, South",
"Albanian/Italian", "Hong Konger", "Polish national" (shown by ``tests/unit/statistics/test_nationality_words.py``).
Limit: two nationalities; three are not read. Reading takes time in proportion to the words, and at most 200
characters are looked at.
"""

import functools
import re
from dataclasses import dataclass
from importlib import resources

from shared.codelists.errors import UnknownCodeError
from shared.codelists.words import MAX_CHARACTERS, fold

UK = "UK"
AFRICA = "AFRICA"
ASIA = "ASIA"
REST = "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN"
_UNKNOWN_WORDS = frozenset(
    {
        "stateless", "unknown", "not known", "not specified", "not specified or unknown", "nationality unknown",
        "nationality not known", "not recorded", "not stated", "not asked", "declined to answer", "refugee",
        "unspecified", "unspecified nationality", "undetermined", "other and unknown",
    }
)  # fmt: skip
_ANDORRA = "AND"
_BOTH = re.compile(r"\s*(?:[/;|+&]|\band\b|\bwith\b|\bdual\b)\s*")
_BEFORE = re.compile(r"^(?:(?:a|dual|nationality|(?:citizen|national|person)s?(?: of| from)?)(?:: ?| ))+")
_AFTER = re.compile(r"(?: (?:national|nationals|citizen|citizens|nationality|citizenship|passport|dual))+$")


@dataclass(frozen=True, kw_only=True)
class Nationality:
    """One person's nationalities; empty for stateless or unknown.

    Attributes:
        iso_codes: ISO 3166-1 alpha-3, ascending.
    """

    iso_codes: tuple[str, ...]


def parse(text: str) -> Nationality:
    """Read a nationality word, a country's name or code, or two of them.

    Raises:
        UnknownCodeError: The table has no such word.
    """
    folded = fold(text) if len(text) <= MAX_CHARACTERS else ""
    if folded in _UNKNOWN_WORDS:
        return Nationality(iso_codes=())
    # Andorra's code is a word of the language: it counts only where nothing else stands and it is written as a code.
    one = _ANDORRA if text.strip() == _ANDORRA else _one(folded)
    if one is not None:
        return Nationality(iso_codes=(one,))
    two = _two(folded)
    if two is not None:
        return Nationality(iso_codes=tuple(sorted(two)))
    raise UnknownCodeError("nationality")


def region_level_1(iso_codes: tuple[str, ...]) -> str:
    """Give the plan's finest region of a person.

    Two nationalities: the UK if one is, else the region of the first code alphabetically (alpha-3).
    Source: UN M49; decisions 5. Asia includes the Middle East, as M49's Western Asia does.

    Raises:
        UnknownCodeError: A code is not in the table.
    """
    regions = _table()[1]
    if any(code not in regions for code in iso_codes):
        raise UnknownCodeError("nationality")
    if not iso_codes:
        return REST
    if "GBR" in iso_codes:
        return UK
    region = regions[min(iso_codes)]
    return region if region in (AFRICA, ASIA) else REST


def known_codes() -> frozenset[str]:
    """Give every ISO code of the table."""
    return frozenset(_table()[1])


def _one(folded: str) -> str | None:
    words = _table()[0]
    for form in _forms(folded):
        if form in words:
            return words[form]
    return None


def _forms(folded: str) -> tuple[str, ...]:
    """The ways to look a word up: as it stands, turned round at its comma or bracket, without what surrounds it."""
    turned = ""
    if folded.endswith(")") and "(" in folded:
        head, _, tail = folded[:-1].partition("(")
        turned = f"{tail} {head}"
    elif folded.count(",") == 1:
        head, _, tail = folded.partition(",")
        turned = f"{tail} {head}"
    bare = _AFTER.sub("", _BEFORE.sub("", folded))
    return tuple(_key(form) for form in (folded, turned, bare) if form)


def _two(folded: str) -> set[str] | None:
    bare = _AFTER.sub("", _BEFORE.sub("", folded))
    apart = [part for part in _BOTH.split(bare) if part]
    if len(apart) == 1 and apart[0].count(",") == 1:
        apart = apart[0].split(",")
    if len(apart) == 1 and apart[0].count("-") == 1:
        first, second = (_one(part) for part in apart[0].split("-"))
        if first and second:
            return {first, second}
    found = [_one(part.strip()) for part in apart]
    if len(found) == 2 and found[0] and found[1]:  # noqa: PLR2004  Two nationalities.
        return {found[0], found[1]}
    return _side_by_side(bare)


def _side_by_side(bare: str) -> set[str] | None:
    words = _table()[0]
    parts = _key(bare).split(" ")
    for cut in range(1, len(parts)):
        first, second = words.get(" ".join(parts[:cut])), words.get(" ".join(parts[cut:]))
        if first and second:
            return {first, second}
    return None


_PUNCTUATION = str.maketrans({"-": " ", ",": " ", "(": " ", ")": " ", ".": "", "'": "", "&": " and "})


def _key(folded: str) -> str:
    words = folded.translate(_PUNCTUATION).split()
    # The article and "saint" are written or left out at will.
    return " ".join("st" if word == "saint" else word for word in words if word != "the")


@functools.cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    words: dict[str, str] = {}
    regions: dict[str, str] = {}
    content = resources.files(__package__).joinpath("data/countries.txt").read_text(encoding="utf-8")
    for line in content.splitlines():
        if line.startswith("#"):
            continue
        code, region, names = line.split("|")
        regions[code] = region
        for name in (code, *names.split(",")):
            words[_key(fold(name))] = code
    # "Albania and" names one country, and "&" none.
    del words[_key(fold(_ANDORRA))]
    return words, regions
