"""A correction: what changed of somebody, why, by whom, and what stood there before; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

FIELDS = ("reference", "name", "safe_contact")
"""What may be corrected of a survivor; all of it is sealed."""

WHY = ("WRITTEN_WRONGLY", "HAS_CHANGED", "NO_LONGER_SAFE", "SURVIVOR_ASKED")


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One correction of a survivor.

    Attributes:
        changed: Names of the fields.
        before: What each of them said; None where it said nothing.
    """

    id: str
    survivor_id: str
    changed: tuple[str, ...]
    why: str
    actor_id: str
    role: str
    corrected_at: datetime
    updated_at: datetime
    before: Mapping[str, str | None]
    version: int = 0


def changes_of(
    now: Mapping[str, str | None], said: Mapping[str, str | None], cleared: frozenset[str]
) -> dict[str, str | None]:
    """Give what a correction changes: blank never overrides what is known, and only what is cleared is taken away."""
    new = {name: said[name] for name in FIELDS if _says_something(said.get(name))} | dict.fromkeys(cleared)
    return {name: value for name, value in new.items() if now.get(name) != value}


def _says_something(text: str | None) -> bool:
    """Whether there is anything to be seen in a text; spaces and invisible signs are none."""
    return any(sign.isprintable() and not sign.isspace() for sign in text or "")
