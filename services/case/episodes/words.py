"""States of support and their reasons in the words that pages use."""

from collections.abc import Mapping
from typing import Any

from services.case.episodes.states import CLOSED, REASONS, STEPS
from shared.codelists.lists import get

REASON_WORDS: Mapping[str, str] = {
    "SURVIVOR_DECIDED": "They decided so",
    "SURVIVOR_ASKED": "They asked for it",
    "NOT_ELIGIBLE": "They cannot be supported in this pilot",
    "NO_CAPACITY": "There is no room here",
    "OTHER_SERVICE_SUITS_BETTER": "Another service suits them better",
    "NO_CONTACT_FOR_NOW": "They cannot be reached for now",
    "AWAY_OR_DETAINED": "They are somewhere else, or detained",
    "HEALTH": "Their health",
    "NEW_NEED": "They need support again",
    "CLOSED_IN_ERROR": "It was closed in error",
}


def state_words(code: str) -> str:
    """Give a state in words."""
    return get("case_status").label(code)


def steps_from(state: str) -> list[tuple[str, str]]:
    """Give the states that may follow, but the end, which has a form of its own."""
    return [(code, state_words(code)) for code in STEPS.get(state, ()) if code != CLOSED]


def reasons_from(state: str) -> list[tuple[str, str]]:
    """Give every reason that a step from a state may need, with the step it is for."""
    return [
        (reason, f"{state_words(code)}: {REASON_WORDS[reason].lower()}")
        for code in STEPS.get(state, ())
        for reason in REASONS.get(code, ())
    ]


def change_in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a step of history in words."""
    why = row["reason"] or ""
    known = REASON_WORDS.get(why) or (get("closure_reason").label(why) if why else "")
    return {**row, "words": state_words(row["after"]), "because": known}
