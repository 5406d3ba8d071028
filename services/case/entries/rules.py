"""Entries of an episode, in codes of the lists that they have: plain, no database.

Contacts, goals and outcomes were of these until they had rooms of their own; what stands here of them is read once, and
brought over (``services.case.contacts.jobs``, ``services.case.goals.jobs``, ``services.case.outcomes.jobs``).
"""

from dataclasses import dataclass
from datetime import datetime

GOALS, CONTACTS, OUTCOMES = "goals", "contacts", "outcomes"
FIELDS: dict[str, tuple[str, ...]] = {
    GOALS: ("area",),
    CONTACTS: ("mode", "interpreter", "minutes"),
    OUTCOMES: ("outcome", "rating", "rated_by", "point"),
}
"""What an entry of each kind says."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One goal, contact or outcome; what its kind does not say is None."""

    id: str
    episode_id: str
    kind: str
    recorded_at: datetime
    updated_at: datetime
    area: str | None = None
    mode: str | None = None
    interpreter: str | None = None
    minutes: int | None = None
    outcome: str | None = None
    rating: str | None = None
    rated_by: str | None = None
    point: str | None = None
    brought_over: bool | None = None
