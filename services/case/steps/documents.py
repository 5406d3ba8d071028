"""Steps, one document each; what is to be done is sealed.

The day by which something is to be done is the host's own plan and stands in clear, since what is overdue has to be
found by an index; it is never a day of which the words say more (ADR 0052).
"""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.case.days import read_day, write_day
from services.case.steps.errors import ReviewAgreedError, TooManyStepsError
from services.case.steps.rules import MOST_OPEN, OPEN, REVIEW, Step
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

STEPS = "steps"
STEP = DocumentType(
    collection=STEPS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="kind", holds=Holds.CODE),
        Field(name="state", holds=Holds.CODE),
        Field(name="what", holds=Holds.STORY, sealed=True),
        Field(name="due_on", holds=Holds.INSTANT, write=write_day, read=read_day),
        Field(name="every_weeks", holds=Holds.COUNT),
        Field(name="contact_id", holds=Holds.ID),
        Field(name="goal_id", holds=Holds.ID, sparse=True),
        Field(name="taken_by", holds=Holds.ID),
        Field(name="opened_by", holds=Holds.ID),
        Field(name="opened_at", holds=Holds.INSTANT),
        Field(name="why", holds=Holds.CODE),
        Field(name="ended_by", holds=Holds.ID),
        Field(name="ended_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("survivor_id", 1), ("state", 1), ("due_on", 1)]),
        IndexModel([("state", 1), ("due_on", 1)]),
        IndexModel([("survivor_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("updated_at", 1), ("_id", 1)]),
    ),
)
TYPES = (STEP,)


class StepStore:
    """Steps of one survivor, in whose turn they are written."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def get(self, step_id: str) -> Step:
        """Give a step; ``DocumentMissingError`` if there is none."""
        return step_from(self._work.get(STEPS, step_id), self._sealer)

    def find(self, step_id: str) -> Step | None:
        """Give a step, or None."""
        document = self._work.find(STEPS, step_id)
        return None if document is None else step_from(document, self._sealer)

    def check_room(self, survivor_id: str, kind: str) -> None:
        """Refuse what would be one too many.

        Raises:
            TooManyStepsError: As many are open as may be.
            ReviewAgreedError: It would be a second review.
        """
        known = self._work.find_where(STEPS, {"survivor_id": survivor_id, "state": OPEN}, limit=MOST_OPEN)
        if kind == REVIEW and any(one["kind"] == REVIEW for one in known):
            raise ReviewAgreedError
        if len(known) >= MOST_OPEN:
            raise TooManyStepsError(MOST_OPEN)

    def add(self, step: Step) -> None:
        """Keep a new step."""
        self._work.insert(STEPS, self._document(step))

    def add_if_room(self, step: Step) -> str | None:
        """Keep a step that follows from something else, which is kept all the same where the list is full; its id."""
        try:
            self.check_room(step.survivor_id, step.kind)
        except TooManyStepsError:
            return None
        self.add(step)
        return step.id

    def finish(self, step_id: str | None, actor_id: str) -> None:
        """Mark as done what followed from something else, if there is such a step and nobody has."""
        step = self.find(step_id) if step_id is not None else None
        if step is not None and step.state == OPEN:
            self.save(step.done(actor_id, at=self._work.now))

    def save(self, step: Step) -> int:
        """Write a step's next version; give it."""
        self._work.replace(STEPS, {**self._document(step), "version": step.version})
        return step.version + 1

    def _document(self, step: Step) -> dict[str, Any]:
        return STEP.document(step, seal=self._sealer.sealing(step.survivor_id))


def step_from(document: Mapping[str, Any], sealer: Sealer) -> Step:
    """Read a step's document."""
    return Step(**STEP.values(document, opened=sealer.opening(document["survivor_id"])))
