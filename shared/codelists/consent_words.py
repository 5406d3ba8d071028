"""What a cell says of a consent, in any language that exports use; a no is looked for first and wins.

Promise: a word of the list for a refusal or a withdrawal is never read as anything else, wherever it stands in the
cell; what is in no list is ``None``, which every caller takes for "cannot be read" and so for a no (decisions 8).
Shown by ``tests/unit/case/test_consent_words.py``. Limit: the lists are words, not grammar; "not withdrawn" in the
consent's own column counts as a no until a person has looked.
"""

import functools
import unicodedata
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

import yaml

from shared.codelists.words import fold

GIVEN, YES_UNSPECIFIED, REFUSED, NOT_STATED, WITHDRAWN = (
    "GIVEN",
    "YES_UNSPECIFIED",
    "REFUSED",
    "NOT_STATED",
    "WITHDRAWN",
)
NOES = frozenset({REFUSED, WITHDRAWN})

_MOST_CHARACTERS = 1_000
_FIRST_JOINED = "\u0600"
_FIRST_UNSPACED = "\u0e00"
_CROSSES = str.maketrans(dict.fromkeys("\u2717\u2718\u274c\u2612\u2715\u2716\u00d7", " no "))
_TICKS = str.maketrans(dict.fromkeys("\u2713\u2714\u2705\u2611", " yes "))
_DOUBTS = frozenset("?\u00bf\u061f\uff1f*~\u2026/|\u2020\u2021#^")
"""Beside a yes that would count: a question, a footnote or half of something else. A person has to read it."""
_DASHES = frozenset({"-", "--", "\u2013", "\u2014"})
_WEAK_NOES = frozenset({"no", "not", "n", "none", "neither", "nor"})
_NOTHING_WITHDRAWN = frozenset(
    {"", "n", "no", "false", "0", "0.0", "none", "never", "n a", "not applicable", "not withdrawn", "no withdrawal",
     "still given", "not revoked", "null"}
)  # fmt: skip


def version() -> int:
    """Give the version of the shipped list."""
    return int(_content()["version"])


def read_consent(text: str) -> str | None:  # noqa: PLR0911  Each way to say it has its place in the order.
    """Give what a consent cell says: a code of this module, or None where it cannot be read.

    A refusal and a withdrawal are looked for before any yes.
    """
    # Ours alone: R and its like write NA for a cell that holds nothing, Welsh says "na" for no.
    if not text.strip():
        return NOT_STATED
    if text.strip() == "NA" or len(text) > _MOST_CHARACTERS:
        return None
    key = _key(text)
    exact, within, first = _lists()
    if exact.get(key) in NOES:
        return exact[key]
    padded = f" {key} "
    for code in (WITHDRAWN, REFUSED):
        if any(f" {phrase} " in padded for phrase in within[code]):
            return code
        # Chinese and Thai write no spaces between words, Arabic joins small words to the next one.
        if any(phrase in key for phrase in within[code] if _is_joined(phrase)):
            return code
    words = key.split()
    starts = {" ".join(words[:1]), " ".join(words[:2])}
    if starts & first or any(key.startswith(phrase) for phrase in first if phrase[0] >= _FIRST_UNSPACED):
        return REFUSED
    if key in exact:
        return None if exact[key] == GIVEN and _DOUBTS & set(text) else exact[key]
    # "Verbal: no" is a no; "yes, no interpreter" is for a person to read.
    is_yes = bool(words) and exact.get(words[0]) in {GIVEN, YES_UNSPECIFIED}
    return REFUSED if not is_yes and _WEAK_NOES & set(words) else None


def says_withdrawn(text: str) -> bool:
    """Whether a cell of a column such as "consent withdrawn on" says that the permission ended.

    Empty and "no" say that it did not; a day, a yes and everything that cannot be read say that it did.
    """
    if text.strip() in _DASHES:
        return False
    return _key(text) not in _NOTHING_WITHDRAWN or bool(text.strip() and not _key(text))


def _key(text: str) -> str:
    marked = text.translate(_CROSSES).translate(_TICKS)
    folded = fold(unicodedata.normalize("NFKC", marked))
    spaced = "".join(
        " " if unicodedata.category(c)[0] in "PS" and not _is_decimal_point(folded, at) else c
        for at, c in enumerate(folded)
        if unicodedata.category(c) != "Cf"
    )
    return " ".join(spaced.split())


def _is_decimal_point(text: str, at: int) -> bool:
    return text[at] == "." and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()


def _is_joined(phrase: str) -> bool:
    return phrase[0] >= _FIRST_JOINED and (len(phrase) > 2 or phrase[0] >= _FIRST_UNSPACED)  # noqa: PLR2004  Too short.


@functools.cache
def _lists() -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]], frozenset[str]]:
    content = _content()
    exact: dict[str, str] = {}
    within: dict[str, tuple[str, ...]] = {}
    first: set[str] = set()
    for code in (WITHDRAWN, REFUSED, GIVEN, YES_UNSPECIFIED, NOT_STATED):
        said = content[code]
        within[code] = tuple(_phrases(said.get("within", {})))
        first |= set(_phrases(said.get("first", {})))
        for phrase in (*_phrases(said.get("exact", {})), *within[code]):
            exact.setdefault(phrase, code)
    for phrase in first:
        exact.setdefault(phrase, REFUSED)
    return exact, within, frozenset(first)


def _phrases(by_language: Mapping[str, Iterable[Any]]) -> Iterable[str]:
    return (_key(str(phrase)) for phrases in by_language.values() for phrase in phrases)


@functools.cache
def _content() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("data/consent_words.yaml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content
