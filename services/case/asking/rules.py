"""A supervisor's look at a contact: plain rules, no database and no clock.

Promise: of one contact there is one acknowledgement or one question; a question is answered once, and both stay.
Shown by tests/unit/case/test_asking_rules.py. Source: ADR 0061.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from services.case.asking.errors import NothingAskedError

ACKNOWLEDGED, ASKED, ANSWERED = "ACKNOWLEDGED", "ASKED", "ANSWERED"
STATES = (ACKNOWLEDGED, ASKED, ANSWERED)
LONGEST = 2000

_LOOKS = UUID("5b9a1c0e-2f43-4c1b-9d57-0e6f4a7d3c21")


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a supervisor said about one contact, and what was answered.

    Attributes:
        question: None where it was acknowledged.
        answer: None until somebody answered.
    """

    id: str
    survivor_id: str
    episode_id: str
    contact_id: str
    state: str
    question: str | None = None
    answer: str | None = None
    looked_by: str
    looked_at: datetime
    answered_by: str | None = None
    answered_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def answered(self, words: str, by: str, *, at: datetime) -> "Look":
        """Answer the question.

        Raises:
            NothingAskedError: Nothing was asked, or it is answered already.
        """
        if self.state != ASKED:
            raise NothingAskedError
        return replace(self, state=ANSWERED, answer=words, answered_by=by, answered_at=at, updated_at=at)


def look_of(contact_id: str) -> str:
    """Give the id of the look at a contact: there is one at most."""
    return str(uuid5(_LOOKS, contact_id))
