"""The paper's words in each language: whole, with the same places to fill, and shown only where somebody read them."""

import re

import pytest

from services.audit.papers.rules import ACTS, BANDS
from services.audit.papers.texts import ENGLISH, all_languages, words_in
from shared.codelists.lists import get

UNREVIEWED = [code for code, words in all_languages().items() if words["review"] == "NONE"]


def shape(words):
    """Keys, and the places to fill of each text."""
    if isinstance(words, dict):
        return {key: shape(value) for key, value in words.items() if key not in {"review", "reviewed_by"}}
    if isinstance(words, list):
        return [shape(value) for value in words]
    return sorted(re.findall(r"\{(\w+)\}", words))


@pytest.mark.parametrize("language", all_languages())
def test_a_language_is_whole(language):
    """Every key of English, with the same places to fill; a code of the list of languages."""
    words = all_languages()[language]
    assert shape(words) == shape(all_languages()[ENGLISH])
    assert set(words["acts"]) == set(ACTS)
    assert set(words["bands"]) == set(BANDS)
    assert get("language").has(language)
    assert words["review"] in {"SOURCE", "NONE", "REVIEWED"}
    assert (words["review"] == "REVIEWED") == bool(words.get("reviewed_by"))


@pytest.mark.parametrize("language", [*UNREVIEWED, "sq", "nothing"])
def test_what_nobody_read_is_shown_in_english(language):
    """Outside a demonstration; so is a language that is not there."""
    assert words_in(language, demo=False)[0] == ENGLISH


def test_a_demonstration_shows_what_nobody_read():
    """So that whoever reviews it sees it."""
    assert [words_in(one, demo=True)[0] for one in UNREVIEWED] == UNREVIEWED


@pytest.mark.parametrize("word", ["victim", "illegal", "failed", "mandatory", "consent to processing"])
def test_the_tone_is_the_houses(word):
    """Words that survivors are not met with."""
    assert word not in str(all_languages()[ENGLISH]).lower()
