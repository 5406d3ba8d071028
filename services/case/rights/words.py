"""A rights case in the words of its page."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.codelists.lists import get

Choices = list[tuple[str, str]]

_REASONS = {
    "TAKEN": "rights_channel",
    "ACKNOWLEDGED": "rights_told",
    "CLOCK_STOPPED": "rights_clock_stop",
    "EXTENDED": "rights_extension",
    "DECIDED": "rights_outcome",
    "COPY_GIVEN": "rights_told",
    "RESTRICTED": "rights_told",
}
"""The list from which the reason of each step is."""


def choices(list_name: str, *, without: Sequence[str] = ()) -> Choices:
    """Give the codes of a list with their words."""
    found = get(list_name)
    return [(code, found.label(code)) for code in found.codes if code not in without]


def in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a case with its codes in words."""
    return {
        **row,
        "what": get("rights_request").label(row["kind"]),
        "ended": _label("rights_outcome", row["outcome"]),
        "stands_for": _label("rights_clock_stop", row.get("stopped_for")),
        "why_not": [get("rights_refusal").label(code) for code in row.get("refusals", ())],
        "steps": [_step(step) for step in row.get("steps", ())],
    }


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    reasons = _REASONS.get(step["step"])
    return {
        **step,
        "what": get("rights_step").label(step["step"]),
        "why": _label(reasons, step["reason"]) if reasons is not None else None,
    }


def _label(list_name: str, code: str | None) -> str | None:
    return None if code is None else get(list_name).label(code)
