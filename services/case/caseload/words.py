"""A caseload in the words that pages use."""

from collections.abc import Mapping
from typing import Any

from services.case.caseload.rules import COVER, FULL, GIVE, OVER, ROOM

HOW = ((GIVE, "For good"), (COVER, "While they are absent"))
"""How people go to another advocate."""


def gauge(supported: int, limit: int | None, fullness: str) -> dict[str, Any]:
    """Say in words how full a caseload is; the bar beside it repeats them, and so does its colour."""
    people = f"{supported} {'person' if supported == 1 else 'people'}"
    if limit is None:
        return {"words": f"{people} supported", "state": "", "kind": "plain"}
    of_limit = f"{supported} of {limit} people supported"
    said: Mapping[str, tuple[str, str]] = {
        ROOM: (f"Room for {limit - supported}", "good"),
        FULL: ("Full", "wait"),
        OVER: (f"{supported - limit} over the limit", "bad"),
    }
    state, kind = said[fullness]
    return {"words": of_limit, "state": state, "kind": kind}
