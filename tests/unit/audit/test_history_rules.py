"""Looks, changes and refusals, and actions in words."""

import pytest

from services.audit.history.rules import CHANGED, LOOKED, REFUSED, kind_of, words_of


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
