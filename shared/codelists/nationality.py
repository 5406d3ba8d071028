"""Nationality words to ISO 3166-1 alpha-3, and to the regions that a plan may show.

Promise: a word that is not in the table raises; it never becomes "other". Stateless and unknown are words
of the table and give no code. Limit: two nationalities are read from words that stand side by side, as
the Home Office prints them ("Pakistani UK"); three are not read.
"""

import functools
import unicodedata
from dataclasses import dataclass
from importlib import resources

from shared.codelists.errors import UnknownCodeError

UK = "UK"
AFRICA = "AFRICA"
ASIA = "ASIA"
REST = "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN"
_UNKNOWN_WORDS = frozenset(
    {"stateless", "unknown", "not known", "not specified", "not specified or unknown", "nationality unknown"}
)


@dataclass(frozen=True, kw_only=True)
class Nationality:
    """One person's nationalities; empty for stateless or unknown.

    Attributes:
        iso_codes: ISO 3166-1 alpha-3, ascending.
    """

    iso_codes: tuple[str, ...]


def parse(text: str) -> Nationality:
    """Read a nationality word, a country's name, or two of them side by side.

    Raises:
        UnknownCodeError: The table has no such word.
    """
    words = _table()[0]
    key = _key(text)
    if key in _UNKNOWN_WORDS:
        return Nationality(iso_codes=())
    if key in words:
        return Nationality(iso_codes=(words[key],))
    parts = key.split(" ")
    for cut in range(1, len(parts)):
        first, second = " ".join(parts[:cut]), " ".join(parts[cut:])
        if first in words and second in words:
            return Nationality(iso_codes=tuple(sorted({words[first], words[second]})))
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


def _key(text: str) -> str:
    # Hosts write Côte d'Ivoire and São Tomé with their accents, and without.
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().replace("\u2019", "'").split())


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
            words[_key(name)] = code
    return words, regions
