"""What was answered to the question whether children depend on somebody, in the words that pages use."""

from collections.abc import Mapping
from typing import Any

from shared.codelists.lists import get


def now_words(row: Mapping[str, Any]) -> str:
    """Say what stands, and whether it is time to ask."""
    now = row["now"]
    said = get("dependant_answer").label(now["answer"]) if now is not None else "Nobody has asked yet"
    return f"{said}. It is time to ask." if row["due"] else f"{said}."
