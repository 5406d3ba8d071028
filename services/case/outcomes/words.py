"""Outcomes and entitlements in the words that pages use."""

from collections.abc import Mapping
from typing import Any

from shared.codelists.lists import get

WHY_CORRECTED: Mapping[str, str] = {
    "WRITTEN_WRONGLY": "I wrote it wrongly",
    "SOMETHING_WAS_MISSING": "Something was missing",
    "SURVIVOR_ASKED": "They asked for it",
}
WHY_TAKEN_BACK: Mapping[str, str] = {
    "DID_NOT_HAPPEN": "It is not so",
    "ANOTHER_PERSON": "It is about somebody else",
    "WRITTEN_TWICE": "It is written down twice",
    "SURVIVOR_ASKED": "They asked for it",
}
CHANGES: Mapping[str, str] = {"IMPROVED": "more than at first", "SAME": "as at first", "LOWER": "less than at first"}
_BECAUSE = {**WHY_CORRECTED, **WHY_TAKEN_BACK}


def coded(name: str) -> tuple[tuple[str, str], ...]:
    """Give a code list as a form asks with it."""
    return tuple((code, get(name).label(code)) for code in get(name).codes)


def written_words(row: Mapping[str, Any], what: str, *beside: str) -> dict[str, Any]:
    """Give a row with what it says in words.

    Args:
        row: As the API shows it.
        what: What it says first.
        beside: What else it says, in words.
    """
    because = _BECAUSE.get(row["why"] or "", "")
    return {**row, "what": what, "beside": [one for one in beside if one], "because": because}


def rating_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a rating in words."""
    asked = get("outcome_asked").label(row["asked"]) if row["asked"] else "How they were asked is not known"
    what = f"{get('outcome').label(row['outcome'])}: {get('outcome_scale').label(row['rating']).lower()}"
    by, point = get("outcome_rater").label(row["rated_by"]), get("outcome_point").label(row["point"])
    return written_words(row, what, point, f"Said by: {by.lower()}", asked)


def entitlement_words(row: Mapping[str, Any], goals: Mapping[str, str]) -> dict[str, Any]:
    """Give an entitlement in words; ``goals`` says what each goal is called."""
    goal = goals.get(row["goal_id"] or "", "")
    return written_words(row, get("entitlement").label(row["entitlement"]), f"Goal: {goal}" if goal else "")


def change_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a change in words; what was said last stands beside it where it is none on the scale."""
    scale = get("outcome_scale")
    newest = scale.label(row["newest"]) if row["newest"] else ""
    since = f", at first {scale.label(row['first']).lower()}" if row["first"] != row["newest"] else ""
    last = scale.label(row["last_answer"]) if row["last_answer"] else ""
    beside = f"; the last time: {last.lower()}" if newest and row["last_answer"] != row["newest"] else ""
    return {
        **row,
        "about": get("outcome").label(row["outcome"]),
        "far": f"{newest}{since}{beside}" if newest else last or "Not asked yet",
        "moved": CHANGES.get(row["change"] or "", ""),
    }
