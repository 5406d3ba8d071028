"""Contacts in the words that pages use."""

from collections.abc import Mapping
from typing import Any

from shared.codelists.lists import get

HEADINGS: Mapping[str, str] = {
    "WRITTEN_WRONGLY": "I wrote it wrongly",
    "SOMETHING_WAS_MISSING": "Something was missing",
    "SURVIVOR_ASKED": "They asked for it",
    "DID_NOT_HAPPEN": "It did not take place",
    "ANOTHER_PERSON": "It was with somebody else",
    "WRITTEN_TWICE": "It is written down twice",
}
"""Why a contact is corrected or taken back."""
_ASKED = ("contact_mode", "interpreter", "advocacy_area")


def lists() -> dict[str, list[tuple[str, str]]]:
    """Give the code lists that a form asks with."""
    return {name: [(code, get(name).label(code)) for code in get(name).codes] for name in _ASKED}


def in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a contact with its codes in words."""
    return {
        **row,
        "how": get("contact_mode").label(row["mode"]),
        "about": [get("advocacy_area").label(code) for code in row["areas"]],
        "helped": get("interpreter").label(row["interpreter"]),
        "because": HEADINGS.get(row["why"] or "", ""),
    }
