"""Two records that may be one person: plain, no database."""

import uuid
from dataclasses import dataclass
from datetime import datetime

OPEN, CLOSED = "OPEN", "CLOSED"
DIFFERENT_PEOPLE, SAME_PERSON = "DIFFERENT_PEOPLE", "SAME_PERSON"
ANSWERS = (DIFFERENT_PEOPLE, SAME_PERSON)
SUPERVISOR = "SUPERVISOR"
"""Who answers: whoever sees everybody of a host."""
MOST_AT_ONCE = 10
"""Questions that one record raises at most: a name that many bear is no sign of anything."""

_PAIRS = uuid.UUID("5f2f4a77-4a6c-4c0e-8f57-0a7be3cf1a54")


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """A question for a supervisor; nothing happens by itself.

    Attributes:
        survivor_ids: The two, in order.
        matched: In which ways they are alike, as codes; never what is kept.
        answer: What a supervisor found out; None while it is open.
    """

    id: str
    state: str
    survivor_ids: tuple[str, ...]
    matched: tuple[str, ...]
    opened_at: datetime
    updated_at: datetime
    answer: str | None = None
    version: int = 0


def pair_id(one: str, other: str) -> str:
    """Give the one id of a question about two, whichever came first."""
    return str(uuid.uuid5(_PAIRS, ":".join(sorted((one, other)))))
