"""What may be asked of steps; ids are made by the caller, so that a repeat is the same command."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.case.contacts.rules import says_something
from services.case.goals.documents import GOALS
from services.case.goals.errors import GoalEndedError
from services.case.goals.rules import OPEN as GOAL_OPEN
from services.case.steps.documents import StepStore
from services.case.steps.rules import REVIEW, Step, check_due
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnStep(DomainCommand):
    """Base of what is done to a step.

    Attributes:
        actor_id: Who does it.
    """

    step_id: str
    survivor_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The step's id."""
        return self.step_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The step, and the survivor whose turn it takes."""
        return frozenset({self.step_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class AddStep(OnStep):
    """Something is to be done for a survivor.

    Attributes:
        goal_id: An open goal of theirs, towards which it leads; None for none.
        is_theirs: Whether whoever adds it does it.
    """

    action: ClassVar[str] = "case:step:add"
    kind: str
    what: str | None
    due_on: date | None
    every_weeks: int | None
    is_theirs: bool
    goal_id: str | None = None


def add_step(command: AddStep, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Add a step.

    Raises:
        DocumentMissingError, DueInPastError, ReviewAgreedError, TooManyStepsError, GoalEndedError: Nothing is added.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    check_due(command.due_on, london_day(work.now))
    if command.goal_id is not None:
        _check_goal(command.goal_id, command.survivor_id, work)
    store = StepStore(work, sealer)
    store.check_room(command.survivor_id, command.kind)
    step = Step(
        id=command.step_id,
        survivor_id=command.survivor_id,
        kind=command.kind,
        what=command.what if says_something(command.what) else None,
        due_on=command.due_on,
        every_weeks=command.every_weeks if command.kind == REVIEW else None,
        goal_id=command.goal_id,
        taken_by=command.actor_id if command.is_theirs else None,
        opened_by=command.actor_id,
        opened_at=work.now,
        updated_at=work.now,
    )
    store.add(step)
    return Answer(status=201, ids={"id": command.step_id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class TakeStep(OnStep):
    """Somebody says that they do it."""

    action: ClassVar[str] = "case:step:take"


def take_step(command: TakeStep, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Take a step.

    Raises:
        DocumentMissingError, StepEndedError: Nothing changes.
    """
    store = _in_turn(command, work, sealer)
    version = store.save(store.get(command.step_id).taken(command.actor_id, at=work.now))
    return Answer(status=200, ids={"id": command.step_id, "version": version})


@dataclass(frozen=True, kw_only=True)
class MoveStep(OnStep):
    """It is to be done by another day."""

    action: ClassVar[str] = "case:step:move"
    due_on: date | None


def move_step(command: MoveStep, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Set another day for a step, or none.

    Raises:
        DocumentMissingError, StepEndedError, DueInPastError: Nothing changes.
    """
    store = _in_turn(command, work, sealer)
    moved = store.get(command.step_id).moved(command.due_on, today=london_day(work.now), at=work.now)
    return Answer(status=200, ids={"id": command.step_id, "version": store.save(moved)})


@dataclass(frozen=True, kw_only=True)
class FinishStep(OnStep):
    """It is done; of a review, it was held."""

    action: ClassVar[str] = "case:step:done"


def finish_step(command: FinishStep, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Mark a step done; a review with a rhythm opens the next one.

    Raises:
        DocumentMissingError, StepEndedError: Nothing changes.
    """
    store = _in_turn(command, work, sealer)
    step = store.get(command.step_id)
    version = store.save(step.done(command.actor_id, at=work.now))
    following = step.following(today=london_day(work.now), at=work.now)
    if following is not None:
        store.add(following)
    next_id = following.id if following is not None else None
    return Answer(status=200, ids={"id": command.step_id, "version": version, "next_id": next_id})


@dataclass(frozen=True, kw_only=True)
class DropStep(OnStep):
    """It is not done, and why."""

    action: ClassVar[str] = "case:step:drop"
    why: str


def drop_step(command: DropStep, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Drop a step; a review that is dropped opens no next one.

    Raises:
        DocumentMissingError, StepEndedError: Nothing changes.
    """
    store = _in_turn(command, work, sealer)
    version = store.save(store.get(command.step_id).dropped(command.why, command.actor_id, at=work.now))
    return Answer(status=200, ids={"id": command.step_id, "version": version})


def _check_goal(goal_id: str, survivor_id: str, work: UnitOfWork) -> None:
    goal = work.get(GOALS, goal_id)
    if goal["survivor_id"] != survivor_id:
        raise DocumentMissingError(GOALS)
    if goal["state"] != GOAL_OPEN:
        raise GoalEndedError


def _in_turn(command: OnStep, work: UnitOfWork, sealer: Sealer) -> StepStore:
    SurvivorStore(work).take_turn(command.survivor_id)
    return StepStore(work, sealer)
