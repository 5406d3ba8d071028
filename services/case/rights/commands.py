"""What may be asked of a rights case that is there.

Each names the version that was read, so of two people who decide at once one is told to look again.
Shown by tests/integration/case/test_rights_races.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from services.case.rights.decisions import Decision
from services.case.rights.documents import RightsStore
from services.case.rights.rules import RightsCase
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class ChangeRightsCase(DomainCommand):
    """Base of what changes one case at the version that the caller read.

    Attributes:
        words: What is noted beside it; sealed.
    """

    rights_case_id: str
    survivor_id: str
    version: int
    actor_id: str
    role: str
    words: str | None = None

    @property
    def object_id(self) -> str:
        """The case."""
        return self.rights_case_id


@dataclass(frozen=True, kw_only=True)
class AcknowledgeRightsCase(ChangeRightsCase):
    """The person was told that their request has arrived.

    Attributes:
        told: How; a code of the list ``rights_told``.
    """

    action: ClassVar[str] = "case:rights:acknowledge"
    told: str


@dataclass(frozen=True, kw_only=True)
class StopClock(ChangeRightsCase):
    """Something is needed that only the person can give."""

    action: ClassVar[str] = "case:rights:stop-clock"
    why: str


@dataclass(frozen=True, kw_only=True)
class ResumeClock(ChangeRightsCase):
    """It is there; the clock goes on."""

    action: ClassVar[str] = "case:rights:resume-clock"


@dataclass(frozen=True, kw_only=True)
class ExtendRightsCase(ChangeRightsCase):
    """Up to two months more are taken, and the person was told so and why."""

    action: ClassVar[str] = "case:rights:extend"
    why: str


@dataclass(frozen=True, kw_only=True)
class NoteProgress(ChangeRightsCase):
    """Something was done about it."""

    action: ClassVar[str] = "case:rights:note"


@dataclass(frozen=True, kw_only=True)
class DecideRightsCase(ChangeRightsCase):
    """It ends with what the person was told."""

    action: ClassVar[str] = "case:rights:decide"
    decision: Decision


def acknowledge(command: AcknowledgeRightsCase, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Note that the person was told that it has arrived.

    Raises:
        DocumentMissingError, StaleVersionError, RightsCaseClosedError, AcknowledgedAlreadyError: Nothing changes.
        NotToldError: Nothing changes.
    """
    return _change(
        command,
        work,
        sealer,
        step="ACKNOWLEDGED",
        reason=command.told,
        change=lambda one: one.acknowledged(command.told, work.now),
    )


def stop_clock(command: StopClock, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Stop the clock.

    Raises:
        DocumentMissingError, StaleVersionError, RightsCaseClosedError, ClockStandsError, ErasureUnderWayError: Nothing
            changes.
    """
    today = london_day(work.now)
    return _change(
        command,
        work,
        sealer,
        step="CLOCK_STOPPED",
        reason=command.why,
        change=lambda one: one.stopped(command.why, today),
    )


def resume_clock(command: ResumeClock, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Let the clock go on, with the days that it stood added.

    Raises:
        DocumentMissingError, StaleVersionError, RightsCaseClosedError, ClockGoesError: Nothing changes.
    """
    today = london_day(work.now)
    return _change(command, work, sealer, step="CLOCK_RESUMED", reason=None, change=lambda one: one.resumed(today))


def extend(command: ExtendRightsCase, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Take up to two months more.

    Raises:
        DocumentMissingError, StaleVersionError, RightsCaseClosedError, ClockStandsError, NoMoreTimeError: Nothing
            changes.
    """
    today = london_day(work.now)
    return _change(
        command, work, sealer, step="EXTENDED", reason=command.why, change=lambda one: one.extended(command.why, today)
    )


def note_progress(command: NoteProgress, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Keep a note; it may be added also once the case has ended.

    Raises:
        DocumentMissingError, StaleVersionError: Nothing changes.
    """
    return _change(command, work, sealer, step="NOTED", reason=None, change=lambda one: one)


def decide(command: DecideRightsCase, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """End a case with what the person was told.

    Raises:
        DocumentMissingError, StaleVersionError, RightsCaseClosedError, ClockStandsError: Nothing changes.
        DecisionIncompleteError, NotToldError, NotErasedYetError: Nothing changes.
    """
    said = command.decision
    return _change(
        command,
        work,
        sealer,
        step="DECIDED",
        reason=said.outcome,
        change=lambda one: one.decided(said, by=command.actor_id, at=work.now),
    )


def _change(
    command: ChangeRightsCase,
    work: UnitOfWork,
    sealer: Sealer,
    *,
    step: str,
    reason: str | None,
    change: Callable[[RightsCase], RightsCase],
) -> Answer:
    store = RightsStore(work, sealer)
    case = change(store.at_version(command.rights_case_id, command.version))
    version = store.save(case)
    store.note(case, step, reason=reason, words=command.words, by=(command.actor_id, command.role))
    return Answer(status=200, ids={"id": case.id, "version": version, "due_on": case.due_on.isoformat()})
