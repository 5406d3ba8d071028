"""A task for the data lead: plain, no database."""

from dataclasses import dataclass
from datetime import datetime

OPEN, CLOSED = "OPEN", "CLOSED"
GONE_AT_SOURCE = "GONE_AT_SOURCE"
"""Somebody is supported here, and a file of their system no longer has them: closed, moved, or deleted there?"""
NO_NOT_HEARD = "PLANNED_NO_NOT_COMMITTED"
"""A plan with a refusal or a withdrawal in it was not committed within a day."""
REFUSED_SAID_NO = "REFUSED_FILE_SAID_NO"
"""A file was refused as a whole, or stopped, and says no for people who are known here."""
KINDS = (GONE_AT_SOURCE, NO_NOT_HEARD, REFUSED_SAID_NO)

LEADS = ("HOST_DATA_LEAD", "HOST_DPO", "HOST_ADMIN")
SUPERVISOR = "SUPERVISOR"
READERS = (*LEADS, SUPERVISOR)
"""Who looks into tasks; a supervisor into those about one person, whom only they can name."""


def looks_into(role: str, kind: str) -> bool:
    """Whether somebody in a role looks into tasks of a kind."""
    return role != SUPERVISOR or kind == GONE_AT_SOURCE


@dataclass(frozen=True, kw_only=True)
class DataTask:
    """Something that the data lead looks into; nothing happens by itself.

    Attributes:
        episode_id, survivor_id: Whom it is about, where it is about one person.
        people: How many it is about, where it is about several.
    """

    id: str
    kind: str
    state: str
    import_id: str
    episode_id: str | None
    survivor_id: str | None
    opened_at: datetime
    updated_at: datetime
    people: int | None = None
    version: int = 0
