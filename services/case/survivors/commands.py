"""What may be asked about survivors; ids are made by the caller, so that a repeat is the same command."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.survivors.documents import StaffStore, SurvivorStore
from services.case.survivors.rules import Survivor
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class RegisterSurvivor(DomainCommand):
    """A person is now supported here; every field is sealed under the person's own key.

    Attributes:
        advocate_ids: The advocates who may act on this person.
    """

    action: ClassVar[str] = "case:survivor:register"
    survivor_id: str
    reference: str | None
    name: str | None
    safe_contact: str | None
    advocate_ids: tuple[str, ...] = ()

    @property
    def object_id(self) -> str:
        """The survivor's id."""
        return self.survivor_id


def register_survivor(command: RegisterSurvivor, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Keep a survivor, sealed, and state who may act on them.

    Raises:
        NotAnAdvocateError: Somebody named is no active advocate here; nobody is registered.
    """
    StaffStore(work).check_advocates(command.advocate_ids)
    survivor = Survivor(
        id=command.survivor_id,
        reference=command.reference,
        name=command.name,
        safe_contact=command.safe_contact,
        advocate_ids=tuple(sorted(set(command.advocate_ids))),
        updated_at=work.now,
    )
    SurvivorStore(work).add(survivor, sealer)
    return Answer(status=201, ids={"id": command.survivor_id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class AssignAdvocates(DomainCommand):
    """A supervisor says which advocates may act on a survivor from now on; the whole set."""

    action: ClassVar[str] = "case:survivor:assign"
    survivor_id: str
    advocate_ids: tuple[str, ...]

    @property
    def object_id(self) -> str:
        """The survivor's id."""
        return self.survivor_id


def assign_advocates(command: AssignAdvocates, work: UnitOfWork) -> Answer:
    """Say who may act on a survivor from now on; who is left out finds nothing there any more.

    Raises:
        DocumentMissingError: There is no such survivor.
        NotAnAdvocateError: Somebody named is no active advocate here; nothing changes.
    """
    survivors = SurvivorStore(work)
    known = survivors.advocates_of(command.survivor_id)
    StaffStore(work).check_advocates(frozenset(command.advocate_ids) - known)
    version = survivors.assign(command.survivor_id, command.advocate_ids)
    return Answer(status=200, ids={"id": command.survivor_id, "version": version})
