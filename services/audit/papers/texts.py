"""The words of the paper, read from ``texts.yaml``; a translation that nobody reviewed is shown in demonstrations only.

Promise: outside a demonstration a language without a review, and one that is not there, are the English words, and the
paper says in which language it is. Shown by tests/unit/audit/test_paper_texts.py.
Source: domain reference 14.8; ADR 0053.
"""

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

ENGLISH = "en"
NONE = "NONE"


def words_in(language: str, *, demo: bool) -> tuple[str, Mapping[str, Any]]:
    """Give the language that may be shown, and its words."""
    languages = all_languages()
    found = languages.get(language)
    if found is None or (found["review"] == NONE and not demo):
        return ENGLISH, languages[ENGLISH]
    return language, found


@functools.cache
def all_languages() -> Mapping[str, Mapping[str, Any]]:
    """Give every language that stands in the file."""
    text = resources.files(__package__).joinpath("texts.yaml").read_text(encoding="utf-8")
    content: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)["languages"]
    return content
