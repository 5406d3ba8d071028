"""What may be asked of visits; each needs one press and no version, and saying it twice is once.

Shown by tests/integration/case/test_visits.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from services.case.visits.documents import VisitStore
from services.case.visits.rules import Visit
from services.case.visits.times import check_times, first_due
from shared.kernel.errors import NotTheirsError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnVisit(DomainCommand):
    """Base of what is done to a visit.

    Attributes:
        actor_id: Who does it.
    """

    visit_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The visit."""
        return self.visit_id


@dataclass(frozen=True, kw_only=True)
class PlanVisit(OnVisit):
    """Somebody says before they go alone where they go, and until when.

    Attributes:
        place, what_if: Sealed words.
    """

    action: ClassVar[str] = "case:visit:plan"
    survivor_id: str
    from_at: datetime
    until_at: datetime
    every_minutes: int | None
    told: str
    place: str
    what_if: str | None

    @property
    def aggregates(self) -> frozenset[str]:
        """The visit, and the survivor whose turn it takes."""
        return frozenset({self.visit_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class SayVisit(OnVisit):
    """Base of what only whoever is out says."""


@dataclass(frozen=True, kw_only=True)
class SaySafe(SayVisit):
    """I am safe."""

    action: ClassVar[str] = "case:visit:safe"


@dataclass(frozen=True, kw_only=True)
class StayLonger(SayVisit):
    """I am safe, and stay longer."""

    action: ClassVar[str] = "case:visit:longer"
    minutes: int


@dataclass(frozen=True, kw_only=True)
class AskForHelp(SayVisit):
    """I need help."""

    action: ClassVar[str] = "case:visit:help"


@dataclass(frozen=True, kw_only=True)
class EndVisit(SayVisit):
    """I am back, or do not go."""

    action: ClassVar[str] = "case:visit:end"


@dataclass(frozen=True, kw_only=True)
class OnAlarm(OnVisit):
    """Base of what somebody else does about an alarm.

    Attributes:
        role: Theirs; the alarm may not have come to it yet.
    """

    role: str


@dataclass(frozen=True, kw_only=True)
class TakeAlarm(OnAlarm):
    """I look after it."""

    action: ClassVar[str] = "case:visit:alarm-take"


@dataclass(frozen=True, kw_only=True)
class CloseAlarm(OnAlarm):
    """It is known what happened.

    Attributes:
        found: A code of the list ``visit_found``.
    """

    action: ClassVar[str] = "case:visit:alarm-close"
    found: str


def plan_visit(command: PlanVisit, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Plan a visit; from its end on without a word an alarm stands.

    Raises:
        DocumentMissingError, VisitMisplannedError, TooManyVisitsError: Nothing is planned.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    check_times(command.from_at, command.until_at, work.now)
    due_at = first_due(command.from_at, command.until_at, command.every_minutes)
    visit = Visit(
        id=command.visit_id,
        survivor_id=command.survivor_id,
        goes_id=command.actor_id,
        told=command.told,
        from_at=command.from_at,
        until_at=command.until_at,
        every_minutes=command.every_minutes,
        place=command.place,
        what_if=command.what_if,
        # Whoever says late that they went has said it now.
        due_at=max(due_at, min(command.until_at, first_due(work.now, command.until_at, command.every_minutes))),
        updated_at=work.now,
    )
    VisitStore(work).add(visit, sealer)
    return Answer(status=201, ids={"id": visit.id, "version": 1, "due_at": visit.due_at.isoformat()})


def say_safe(command: SaySafe, work: UnitOfWork) -> Answer:
    """Keep that they are safe.

    Raises:
        DocumentMissingError, NotTheirsError, VisitEndedError: Nothing changes.
    """
    return _said(command, work, lambda visit: visit.safe(work.now))


def stay_longer(command: StayLonger, work: UnitOfWork) -> Answer:
    """Keep that they are safe and stay longer.

    Raises:
        DocumentMissingError, NotTheirsError, VisitEndedError, VisitTooLongError: Nothing changes.
    """
    return _said(command, work, lambda visit: visit.longer(command.minutes, work.now))


def ask_for_help(command: AskForHelp, work: UnitOfWork) -> Answer:
    """Raise the alarm at once, for everybody who may ever hear of it.

    Raises:
        DocumentMissingError, NotTheirsError, VisitEndedError: Nothing changes.
    """
    return _said(command, work, lambda visit: visit.helped(work.now))


def end_visit(command: EndVisit, work: UnitOfWork) -> Answer:
    """Keep that they are back.

    Raises:
        DocumentMissingError, NotTheirsError: Nothing changes.
    """
    return _said(command, work, lambda visit: visit.ended(work.now))


def take_alarm(command: TakeAlarm, work: UnitOfWork) -> Answer:
    """Keep who looks after an alarm.

    Raises:
        DocumentMissingError, NotTheirsError, NoAlarmError, OwnAlarmError: Nothing changes.
    """
    return _watched(command, work, lambda visit: visit.taken(command.actor_id, work.now))


def close_alarm(command: CloseAlarm, work: UnitOfWork) -> Answer:
    """Close an alarm with what was found.

    Raises:
        DocumentMissingError, NotTheirsError, NoAlarmError, OwnAlarmError, VisitMisplannedError: Nothing changes.
    """
    return _watched(command, work, lambda visit: visit.closed(command.found, command.actor_id, work.now))


def _said(command: SayVisit, work: UnitOfWork, change: Callable[[Visit], Visit]) -> Answer:
    visit = VisitStore(work).get(command.visit_id)
    if visit.goes_id != command.actor_id:
        raise NotTheirsError
    return _changed(change(visit), work)


def _watched(command: OnAlarm, work: UnitOfWork, change: Callable[[Visit], Visit]) -> Answer:
    visit = VisitStore(work).get(command.visit_id)
    if visit.stands_since(work.now) is not None and not visit.may_watch(command.role, work.now):
        raise NotTheirsError
    return _changed(change(visit), work)


def _changed(visit: Visit, work: UnitOfWork) -> Answer:
    version = VisitStore(work).save(visit)
    return Answer(status=200, ids={"id": visit.id, "version": version, "due_at": visit.due_at.isoformat()})
