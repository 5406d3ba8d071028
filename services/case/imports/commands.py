"""What may be asked about imports; ids are made by the caller, so that a repeat is the same command."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.imports.documents import ImportStore
from services.case.imports.errors import NotPlannedError, OtherPlanError, SandboxFileError, TooLateToUndoError
from services.case.imports.rules.progress import COMMITTING, PLANNED, PLANNING, REFUSED, UNDOING, WAITING, Import
from services.case.imports.unheard import tell
from shared.kernel.tenancy import is_sandbox
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class StartImport(DomainCommand):
    """A file was put into the strongroom and waits for the job.

    Attributes:
        source: The system whose references the file has; None for the only one that this host has.
        known_rows: ``ask`` or ``correct``: what to do with a known reference whose row tells of another referral, or of
            another person.
        exact_references: Whether references that only look different are different people.
        planned: Whether a plan is made first, which somebody commits.
        is_part: Whether the file holds some records only.
        invented: Whether its sender said that everybody in it is invented; a sandbox takes no other file.
        refused: Why the file could not be read; None for one that waits.
        unheard: The survivors for whom a refused file says no.
        caused_by: Trace context of the request, if there is one.
    """

    action: ClassVar[str] = "case:import:start"
    import_id: str
    actor_id: str
    profile: str | None
    source: str | None
    known_rows: str
    exact_references: bool
    caused_by: str | None
    planned: bool = False
    is_part: bool = False
    invented: bool = False
    refused: str | None = None
    unheard: frozenset[str] = frozenset()

    @property
    def object_id(self) -> str:
        """The import's id."""
        return self.import_id


def check_invented(tenant: str, *, invented: bool) -> None:
    """Refuse a file at a sandbox, unless its sender said that everybody in it is invented."""
    if is_sandbox(tenant) and not invented:
        raise SandboxFileError


def start_import(command: StartImport, work: UnitOfWork) -> Answer:
    """Let an uploaded file wait for the import job; one that could not be read has ended already.

    Raises:
        SandboxFileError: It came to a sandbox, and nobody said that its people are invented.
    """
    check_invented(work.tenant_id, invented=command.invented)
    one = Import(
        id=command.import_id,
        state=REFUSED if command.refused is not None else PLANNING if command.planned else WAITING,
        why=command.refused,
        known_rows=command.known_rows,
        exact_references=command.exact_references,
        profile=command.profile,
        source=command.source,
        actor_id=command.actor_id,
        received_at=work.now,
        traceparent=command.caused_by,
        planned=command.planned,
        is_part=command.is_part,
    )
    ImportStore(work).add(tell(work, one, command.unheard))
    return Answer(status=202, ids={"id": command.import_id})


@dataclass(frozen=True, kw_only=True)
class CommitPlan(DomainCommand):
    """Somebody looked at a plan and wants exactly that."""

    action: ClassVar[str] = "case:import:commit"
    import_id: str
    plan_hash: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The import's id."""
        return self.import_id


def commit_plan(command: CommitPlan, work: UnitOfWork) -> Answer:
    """Let a planned import wait to be carried out; the same commit again changes nothing.

    Raises:
        DocumentMissingError: There is no such import.
        OtherPlanError: The hash is not that of its newest plan.
        NotPlannedError: It has no plan that could be committed now.
    """
    store = ImportStore(work)
    one = store.get(command.import_id)
    if one.state == COMMITTING and one.plan_hash == command.plan_hash:
        return Answer(status=202, ids={"id": one.id})
    if one.state != PLANNED or one.expires_at is None or one.expires_at <= work.now:
        raise NotPlannedError(one.state)
    if one.plan_hash != command.plan_hash:
        raise OtherPlanError
    store.save(one.committing(by=command.actor_id))
    return Answer(status=202, ids={"id": one.id})


@dataclass(frozen=True, kw_only=True)
class UndoImport(DomainCommand):
    """An import was a mistake."""

    action: ClassVar[str] = "case:import:undo"
    import_id: str

    @property
    def object_id(self) -> str:
        """The import's id."""
        return self.import_id


def undo_import(command: UndoImport, work: UnitOfWork) -> Answer:
    """Let an import wait to be undone; asking again changes nothing.

    Raises:
        DocumentMissingError: There is no such import.
        TooLateToUndoError: It was not planned and carried out within the last 24 hours.
    """
    store = ImportStore(work)
    one = store.get(command.import_id)
    if one.state != UNDOING:
        if not one.undoable(work.now):
            raise TooLateToUndoError
        store.save(one.undoing())
    return Answer(status=202, ids={"id": one.id})
