"""Needs and risks in the words that pages use."""

from collections.abc import Mapping
from typing import Any

from services.case.outcomes.words import written_words
from shared.codelists.lists import get

_LISTS = {"needs": ("advocacy_area", "need_level", "need_view"), "risks": ("risk_type", "risk_level", "risk_view")}


def weighed_words(row: Mapping[str, Any], many: str) -> dict[str, Any]:
    """Give a need or a risk in words, the survivor's own view beside the advocate's."""
    about, level, view = (get(name) for name in _LISTS[many])
    theirs = view.label(row["view"]).lower() if row["view"] else "nobody wrote it down"
    what = f"{about.label(row['about'])}: {level.label(row['level']).lower()}"
    return {**written_words(row, what, f"Their own view: {theirs}"), "note": row["words"]}
