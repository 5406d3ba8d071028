"""Words of a file or a form to codes: each list's own codes and labels, and the usual words of hosts' systems.

Promise: every code and every label of a list, English and Welsh, reads as its own code (invariant I11; shown by
``tests/unit/statistics/test_words.py``); a word that is in none of them raises and never becomes "other".
"""

import functools
import unicodedata
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

from shared.codelists.errors import UnknownCodeError
from shared.codelists.lists import get

MAX_CHARACTERS = 200
"""No word of any list is longer; what is longer is not looked at."""

_FOLDED = str.maketrans({"\u0142": "l", "\u0111": "d", "\u00f8": "o", "\u0131": "i", "\u2019": "'", "_": " "})


def fold(text: str) -> str:
    """Give a word without case, accents, doubled spaces and underscores, so that two spellings are one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(plain.translate(_FOLDED).split())


def read(list_name: str, text: str) -> str:
    """Give the code that a word means.

    Raises:
        UnknownCodeError: The list has no such code, label or word.
    """
    code = _words(list_name).get(fold(text)) if len(text) <= MAX_CHARACTERS else None
    if code is None:
        raise UnknownCodeError(list_name)
    return code


@functools.cache
def _words(list_name: str) -> Mapping[str, str]:
    codes = get(list_name)
    found: dict[str, str] = {}
    for code, entry in codes.entries.items():
        # A label that two codes share would be a fault of the list; the first one keeps it.
        for word in (code, entry.label_en, entry.label_cy):
            if word:
                found.setdefault(fold(word), code)
    for code, usual in _usual().get(list_name, {}).items():
        for word in usual:
            found.setdefault(fold(word), codes.require(code))
    return found


@functools.cache
def _usual() -> Mapping[str, Mapping[str, list[str]]]:
    text = resources.files(__package__).joinpath("data/words.yaml").read_text(encoding="utf-8")
    content: Any = yaml.safe_load(text)
    return {str(name): words for name, words in content["lists"].items()}
