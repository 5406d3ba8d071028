"""What may be asked of the NRM; ids are made by the caller, so that a repeat is the same command.

None of these tells anybody anything: no event leaves, no consent changes, nothing of support does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from services.case.contacts.commands import ADDED_IN_ERROR
from services.case.contacts.rules import Writer
from services.case.nrm.deadlines import deadlines, step_of
from services.case.nrm.documents import NrmStore
from services.case.nrm.errors import NoSuchDeadlineError, PlannedAlreadyError
from services.case.nrm.policy import kinds
from services.case.nrm.rules import Entry, check_days, standing, told
from services.case.nrm.words import to_do
from services.case.steps.commands import AddStep, add_step
from services.case.steps.documents import StepStore
from services.case.steps.rules import FOLLOW_UP, OPEN
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnNrm(DomainCommand):
    """Base of what is done to an entry of a survivor's NRM.

    Attributes:
        actor_id, role: Who does it.
    """

    survivor_id: str
    entry_id: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The entry's id."""
        return self.entry_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn it takes."""
        return frozenset({self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class RecordNrm(OnNrm):
    """Something is known of the NRM.

    Attributes:
        said: By the names in ``SAID``; what is missing or blank nobody said.
    """

    action: ClassVar[str] = "case:nrm:record"
    said: Mapping[str, Any]


def record_nrm(command: RecordNrm, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write down what is known, beside what was; also before support began and after it ended.

    Raises:
        DocumentMissingError, NrmDayError, TooMuchOfTheNrmError: Nothing is written.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    said = told(command.said)
    entry = Entry(
        id=command.entry_id,
        survivor_id=command.survivor_id,
        first_id=command.entry_id,
        first_at=work.now,
        stage=said.pop("stage"),
        **said,
        **_writer(command, work).stamp(),
    )
    check_days(entry, london_day(work.now))
    NrmStore(work, sealer).add(entry)
    return Answer(status=201, ids={"id": entry.id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class CorrectNrm(OnNrm):
    """An entry was written wrongly.

    Attributes:
        said: What is right, by field; what is missing or blank stays as it is.
        cleared: Fields whose content is taken away.
    """

    action: ClassVar[str] = "case:nrm:correct"
    said: Mapping[str, Any]
    cleared: frozenset[str]
    why: str


def correct_nrm(command: CorrectNrm, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write an entry as it should have been; what stood there stays to be seen.

    Raises:
        DocumentMissingError, NrmCorrectedError, NrmDayError, TooMuchOfTheNrmError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store = NrmStore(work, sealer)
    before = store.get(command.entry_id, command.survivor_id)
    now = before.corrected(command.said, command.cleared, why=command.why, by=_writer(command, work))
    check_days(now, london_day(work.now))
    store.replace(before, now)
    return Answer(status=201, ids={"id": now.id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class TakeNrmBack(OnNrm):
    """There was nothing such of this person."""

    action: ClassVar[str] = "case:nrm:take-back"
    why: str


def take_nrm_back(command: TakeNrmBack, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Take an entry back; what stood there stays to be seen, and what it put on the list is dropped there.

    Raises:
        DocumentMissingError, NrmCorrectedError, TooMuchOfTheNrmError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store = NrmStore(work, sealer)
    before = store.get(command.entry_id, command.survivor_id)
    now = before.withdrawn(why=command.why, by=_writer(command, work))
    store.replace(before, now)
    steps = StepStore(work, sealer)
    for kind in kinds():
        step = steps.find(step_of(before, kind.name))
        if step is not None and step.state == OPEN:
            # It came out of what is not of this person.
            steps.save(step.dropped(ADDED_IN_ERROR, command.actor_id, at=work.now))
    return Answer(status=201, ids={"id": now.id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class PlanDeadline(OnNrm):
    """A time that runs is put on the list of what is to be done.

    Attributes:
        kind: Of the times that run from the entry, which.
    """

    action: ClassVar[str] = "case:nrm:plan"
    kind: str


def plan_deadline(command: PlanDeadline, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Add a step by the day on which a time ends; today, where that is over or nobody knows it.

    Raises:
        DocumentMissingError, NoSuchDeadlineError, PlannedAlreadyError, TooManyStepsError: Nothing is added.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store, today = NrmStore(work, sealer), london_day(work.now)
    store.get(command.entry_id, command.survivor_id)
    stand, nation = standing(store.all_of(command.survivor_id)), store.nation_of(command.survivor_id)
    running = deadlines(stand, nation, today)
    found = next((one for one in running if (one.entry.id, one.kind) == (command.entry_id, command.kind)), None)
    if found is None:
        raise NoSuchDeadlineError
    if StepStore(work, sealer).find(found.step_id) is not None:
        raise PlannedAlreadyError
    step = AddStep(
        step_id=found.step_id,
        survivor_id=command.survivor_id,
        actor_id=command.actor_id,
        kind=FOLLOW_UP,
        what=to_do(found.kind),
        due_on=max(found.due_on or today, today),
        every_weeks=None,
        is_theirs=command.role == ADVOCATE,
    )
    return add_step(step, work, sealer=sealer)


def _writer(command: OnNrm, work: UnitOfWork) -> Writer:
    return Writer(actor_id=command.actor_id, role=command.role, at=work.now)
