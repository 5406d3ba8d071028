"""Which words of a column somebody may explain, and which of them a page may show at all.

Promise: a word is shown only where it is short, stands in a column of few different words, and looks like nobody's
name, number or address; a column whose name nobody knows shows words only if each stands there three times on average.
The rest is counted; the plan tells by row which words no list knows. Shown by ``tests/unit/case/test_seen_file.py``.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

from services.case.imports.rules.ages import read_age
from services.case.imports.rules.dates import DateReader
from services.case.imports.rules.parsing import parse
from services.case.mappings.rules.values import is_not_known
from shared.codelists.consent_words import read_consent
from shared.codelists.words import fold

MOST_WORDS, LONGEST_WORD = 40, 60
"""Different words of one column that are shown, and characters of one of them."""

OFTEN = 3
"""How often each word of a column stands there on average before a column of unknown name is taken for a list's."""

WORDED = (
    "gender", "nationality", "exploitation", "nation", "advocacy_area", "age_at_referral", "consent",
    "consent_language", "consent_method",
)  # fmt: skip
"""Fields whose words a mapping may explain, in the order of a page."""

_LAST_DAY = date(9999, 12, 31)
_DATES = DateReader(today=_LAST_DAY)
_LOOKS_LIKE_SOMEBODY = re.compile(r"@|\d{4}|\d[\s-]?\d[\s-]?\d[\s-]?\d")
_PARTS = re.compile(r"[;|\n]")


def words_to_show(cells: Iterable[str], *, is_named: bool) -> tuple[tuple[tuple[str, int], ...], int]:
    """Give a column's words with how often each stands there, and how many different ones are kept back.

    Args:
        cells: Its cells.
        is_named: Whether the column's own name says that it holds words of a list.
    """
    counted: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for part in (part for cell in cells for part in _parts(cell)):
        # Two spellings of one word are one question.
        counted[spelling.setdefault(fold(part), part)] += 1
    fit = Counter({word: times for word, times in counted.items() if _may_be_shown(word)})
    is_a_list = len(counted) <= MOST_WORDS and counted.total() >= OFTEN * len(counted)
    if not is_named and not is_a_list:
        return (), len(counted)
    shown = sorted(fit.items(), key=lambda one: (-one[1], one[0]))[:MOST_WORDS]
    return tuple(shown), len(counted) - len(shown)


def is_read(field: str, word: str) -> bool:
    """Whether a word is understood as it stands."""
    if is_not_known(word):
        return False
    if field == "consent":
        return read_consent(word) is not None
    if field == "age_at_referral":
        return read_age(word, referral=None, today=_LAST_DAY) is not None
    return field not in WORDED or parse(field, word, _DATES)[1] is None


def _parts(cell: str) -> list[str]:
    return [part for part in (one.strip() for one in _PARTS.split(cell)) if part]


def _may_be_shown(word: str) -> bool:
    return len(word) <= LONGEST_WORD and not _LOOKS_LIKE_SOMEBODY.search(word)
