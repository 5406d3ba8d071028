"""Goals in the words that pages use."""

from collections.abc import Mapping
from typing import Any

from services.case.goals.rules import MOST_SCORE, SCORED
from shared.codelists.lists import DECLINED, get

STATES: Mapping[str, str] = {
    "OPEN": "Open",
    "REACHED": "Reached",
    "PARTLY_REACHED": "Partly reached",
    "NO_LONGER_WANTED": "No longer wanted",
}
SET_BY: Mapping[str, str] = {"SURVIVOR": "They alone", "SURVIVOR_WITH_ADVOCATE": "They together with you"}
ANSWERS: tuple[tuple[str, str], ...] = (
    *((str(score), str(score)) for score in range(MOST_SCORE + 1)),
    *((code, words) for code, words in DECLINED.items()),
)
"""What can be ticked: a score, or one of the three reasons for none."""


def in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a goal with its codes in words."""
    return {**row, "about": get("advocacy_area").label(row["area"]), "stands": STATES[row["state"]], "far": _far(row)}


def answer_words(row: Mapping[str, Any]) -> str:
    """Give an answer in words."""
    return f"{row['score']} of {MOST_SCORE}" if row["answer"] == SCORED else DECLINED[row["answer"]]


def _far(row: Mapping[str, Any]) -> str:
    """Say how far it is; an answer that is no score stands beside the last score."""
    scored = "" if row["last_score"] is None else f"{row['last_score']} of {MOST_SCORE}, first {row['first_score']}"
    if row["last_answer"] in {None, SCORED}:
        return scored or "Not asked yet"
    asked_last = DECLINED[row["last_answer"]]
    return f"{scored}; asked last: {asked_last.lower()}" if scored else asked_last
