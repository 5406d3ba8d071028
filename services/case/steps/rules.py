"""A step for a survivor: what is to be done, by which day, and by whom; plain rules, no database and no clock.

Promise: a step is overdue from the day after its day, in London; a review that was held opens the next one on the
rhythm that the survivor agreed; nobody's taking of a step keeps another from doing it. Shown by
tests/unit/case/test_step_rules.py. Source: ADR 0052.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from services.case.steps.errors import DueInPastError, StepEndedError

OPEN, DONE, DROPPED = "OPEN", "DONE", "DROPPED"
STATES = (OPEN, DONE, DROPPED)
FOLLOW_UP, REVIEW = "FOLLOW_UP", "REVIEW"
KINDS = (FOLLOW_UP, REVIEW)
WHY_DROPPED = ("SURVIVOR_DECIDED", "NO_LONGER_NEEDED", "SOMEBODY_ELSE_DID_IT", "ADDED_IN_ERROR")
DEFAULT_WEEKS, MOST_WEEKS = 12, 52
MOST_OPEN = 100
"""Open steps of one survivor; more than anybody keeps in view."""

_NEXT = UUID("8a4f7a44-6d0a-4f0e-b6f4-1d9f2c5b7e10")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do.

    Attributes:
        what: In a few words; of a review nothing needs to be said.
        due_on: The day by which; None where none was set.
        every_weeks: Of a review, after how many weeks the next one is due; None for no rhythm.
        contact_id: The contact that it came out of.
        goal_id: The goal towards which it leads; None for none.
        taken_by: Who said that they do it; None for nobody yet.
        why: Why it was dropped.
        ended_by, ended_at: Who marked it done or dropped, and when.
    """

    id: str
    survivor_id: str
    kind: str
    state: str = OPEN
    what: str | None = None
    due_on: date | None = None
    every_weeks: int | None = None
    contact_id: str | None = None
    goal_id: str | None = None
    taken_by: str | None = None
    opened_by: str
    opened_at: datetime
    why: str | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def is_overdue(self, today: date) -> bool:
        """Whether its day is over and it is still open."""
        return self.state == OPEN and self.due_on is not None and self.due_on < today

    def taken(self, by: str, *, at: datetime) -> "Step":
        """Let somebody say that they do it, also after somebody else did.

        Raises:
            StepEndedError: It is not open any more.
        """
        return replace(self._open(), taken_by=by, updated_at=at)

    def moved(self, due_on: date | None, *, today: date, at: datetime) -> "Step":
        """Set another day, or none.

        Raises:
            StepEndedError: It is not open any more.
            DueInPastError: The new day is over.
        """
        check_due(due_on, today)
        return replace(self._open(), due_on=due_on, updated_at=at)

    def done(self, by: str, *, at: datetime) -> "Step":
        """Mark it done.

        Raises:
            StepEndedError: It is not open any more.
        """
        return replace(self._open(), state=DONE, ended_by=by, ended_at=at, updated_at=at)

    def dropped(self, why: str, by: str, *, at: datetime) -> "Step":
        """Let it be, and keep why.

        Raises:
            StepEndedError: It is not open any more.
        """
        return replace(self._open(), state=DROPPED, why=why, ended_by=by, ended_at=at, updated_at=at)

    def following(self, *, today: date, at: datetime) -> "Step | None":
        """Give the next review, by the rhythm from today; None for what does not come again.

        Its id follows from this one's, so there is one at most.
        """
        if self.kind != REVIEW or self.every_weeks is None:
            return None
        return replace(
            self,
            id=str(uuid5(_NEXT, self.id)),
            state=OPEN,
            due_on=today + timedelta(weeks=self.every_weeks),
            ended_by=None,
            ended_at=None,
            opened_at=at,
            updated_at=at,
            version=0,
        )

    def _open(self) -> "Step":
        if self.state != OPEN:
            raise StepEndedError
        return self


def check_due(due_on: date | None, today: date, *, field: str = "due_on") -> None:
    """Refuse a day that is over, and point at the field in which it was said.

    Raises:
        DueInPastError: It lies before today.
    """
    if due_on is not None and due_on < today:
        raise DueInPastError(field)


def step_of(contact_id: str) -> str:
    """Give the id of the step that comes out of a contact."""
    return str(uuid5(_NEXT, contact_id))
