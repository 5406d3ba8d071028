"""What may be asked of the register of breaches; each change names the version that was read.

Shown by tests/integration/case/test_breaches.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.case.breaches.documents import BreachStore
from services.case.breaches.rules import REPORT_WITHIN, Breach, Report, check_aware_at
from services.case.survivors.documents import SURVIVORS
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class TakeBreach(DomainCommand):
    """Somebody noticed that personal data went where it should not, or is gone.

    Attributes:
        aware_at: When the host knew; None for now.
    """

    action: ClassVar[str] = "case:breach:take"
    breach_id: str
    kind: str
    aware_at: datetime | None
    contents: tuple[str, ...]
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The breach."""
        return self.breach_id


@dataclass(frozen=True, kw_only=True)
class ChangeBreach(DomainCommand):
    """Base of what changes one breach at the version that the caller read."""

    breach_id: str
    version: int
    actor_id: str

    @property
    def object_id(self) -> str:
        """The breach."""
        return self.breach_id


@dataclass(frozen=True, kw_only=True)
class JudgeBreach(ChangeBreach):
    """What was in it, and how great the risk is."""

    action: ClassVar[str] = "case:breach:judge"
    risk: str
    contents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NamePeople(ChangeBreach):
    """Whom it touches."""

    action: ClassVar[str] = "case:breach:people"
    survivor_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NoteTold(ChangeBreach):
    """Somebody whom it touches was told, by a safe way."""

    action: ClassVar[str] = "case:breach:told"
    survivor_id: str
    told: str


@dataclass(frozen=True, kw_only=True)
class ReportBreach(ChangeBreach):
    """The ICO was told, and perhaps others."""

    action: ClassVar[str] = "case:breach:report"
    reported_at: datetime | None
    late: str | None
    also_told: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CloseBreach(ChangeBreach):
    """All was done that could be."""

    action: ClassVar[str] = "case:breach:close"
    remedies: tuple[str, ...]


def take_breach(command: TakeBreach, work: UnitOfWork) -> Answer:
    """Write a breach down; its 72 hours run from when the host knew.

    Raises:
        BreachMisjudgedError: Nothing is kept.
    """
    aware_at = check_aware_at(command.aware_at or work.now, work.now)
    breach = Breach(
        id=command.breach_id,
        kind=command.kind,
        aware_at=aware_at,
        contents=command.contents,
        taken_by=command.actor_id,
        taken_role=command.role,
        taken_at=work.now,
        ico_due_at=aware_at + REPORT_WITHIN,
        updated_at=work.now,
    )
    BreachStore(work).add(breach)
    return Answer(status=201, ids={"id": breach.id, "version": 1, "ico_due_at": breach.ico_due_at.isoformat()})


def judge_breach(command: JudgeBreach, work: UnitOfWork) -> Answer:
    """Keep what was in it and how great the risk is.

    Raises:
        DocumentMissingError, StaleVersionError, BreachClosedError, BreachMisjudgedError: Nothing changes.
    """
    return _change(command, work, lambda one: one.judged(command.risk, command.contents, by=command.actor_id))


def name_people(command: NamePeople, work: UnitOfWork) -> Answer:
    """Add people whom it touches.

    Raises:
        DocumentMissingError: There is no such breach, or one of them is nobody here.
        StaleVersionError, BreachClosedError, TooManyTouchedError: Nothing changes.
    """
    known = {one["_id"] for one in work.find_where(SURVIVORS, {"_id": {"$in": list(command.survivor_ids)}})}
    if set(command.survivor_ids) - known:
        raise DocumentMissingError(SURVIVORS)
    return _change(command, work, lambda one: one.touching(command.survivor_ids))


def note_told(command: NoteTold, work: UnitOfWork) -> Answer:
    """Keep whether somebody was told.

    Raises:
        DocumentMissingError, StaleVersionError, BreachClosedError, BreachMisjudgedError: Nothing changes.
    """
    return _change(command, work, lambda one: one.told(command.survivor_id, command.told, work.now))


def report_breach(command: ReportBreach, work: UnitOfWork) -> Answer:
    """Keep when the ICO was told, and who else.

    Raises:
        DocumentMissingError, StaleVersionError, BreachClosedError, BreachMisjudgedError: Nothing changes.
    """
    report = Report(at=command.reported_at or work.now, late=command.late, also_told=command.also_told)
    return _change(command, work, lambda one: one.reported(report, work.now))


def close_breach(command: CloseBreach, work: UnitOfWork) -> Answer:
    """Close it with what was done.

    Raises:
        DocumentMissingError, StaleVersionError, BreachClosedError, BreachNotDoneError: Nothing changes.
    """
    return _change(command, work, lambda one: one.closed(command.remedies, by=command.actor_id, at=work.now))


def _change(command: ChangeBreach, work: UnitOfWork, change: Callable[[Breach], Breach]) -> Answer:
    store = BreachStore(work)
    breach = change(store.at_version(command.breach_id, command.version))
    return Answer(status=200, ids={"id": breach.id, "version": store.save(breach)})
