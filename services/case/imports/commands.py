"""What may be asked about imports; ids are made by the caller, so that a repeat is the same command."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.imports.documents import ImportStore
from services.case.imports.rules.progress import REFUSED, WAITING, Import
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
        refused: Why the file could not be read; None for one that waits.
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
    refused: str | None = None

    @property
    def object_id(self) -> str:
        """The import's id."""
        return self.import_id


def start_import(command: StartImport, work: UnitOfWork) -> Answer:
    """Let an uploaded file wait for the import job; one that could not be read has ended already."""
    ImportStore(work).add(
        Import(
            id=command.import_id,
            state=WAITING if command.refused is None else REFUSED,
            why=command.refused,
            known_rows=command.known_rows,
            exact_references=command.exact_references,
            profile=command.profile,
            source=command.source,
            actor_id=command.actor_id,
            received_at=work.now,
            traceparent=command.caused_by,
        )
    )
    return Answer(status=202, ids={"id": command.import_id})
