"""Looks, changes and refusals, and actions in words."""

import pytest

from services.audit.history.rules import (
    ACTORS,
    CHANGED,
    LOOKED,
    OBJECTS,
    REFUSED,
    is_record_id,
    kind_of,
    plain_words,
    words_of,
)
from shared.kernel.ids import new_id


@pytest.mark.parametrize(
    "action", ["case:survivor:read", "consent:consent:search", "case:episode:list", "audit:entry:prove"]
)
def test_what_only_shows_something_is_a_look(action):
    """Reads, lists, searches, previews."""
    assert kind_of(action, "ALLOWED") == LOOKED


@pytest.mark.parametrize(
    "action", ["case:exhibit:exhume", "case:survivor:read-out", "discard", "read", "case:read:open"]
)
def test_what_nobody_classed_is_a_change(action):
    """The last word decides, and the whole of it; better a look too many among the changes than a change missing."""
    assert kind_of(action, "ALLOWED") == CHANGED
    assert kind_of(action, "DISCARDED") == CHANGED


@pytest.mark.parametrize("action", ["case:survivor:read", "case:episode:open"])
def test_a_refusal_is_a_refusal_whatever_was_asked(action):
    """Whether to look or to change."""
    assert kind_of(action, "REFUSED") == REFUSED


def test_an_action_reads_as_words():
    """Thing and verb; what has another form stays as it is."""
    assert words_of("case:import_plan:rows") == "Import plan: rows"
    assert words_of("identity:machine-key:add") == "Machine key: add"
    assert words_of("discard") == "discard"


def test_what_stands_in_an_ids_place_reads_as_words():
    """Known codes have words of their own; any other reads as a word, and none is taken for a record."""
    assert plain_words("list", OBJECTS) == "A list of many"
    assert plain_words("system", ACTORS) == "The program itself"
    assert plain_words("AGGREGATE_STATISTICS", OBJECTS) == "Aggregate statistics"
    assert not any(is_record_id(code) for code in (*ACTORS, *OBJECTS, "stats-2026-1"))
    assert is_record_id(new_id())
