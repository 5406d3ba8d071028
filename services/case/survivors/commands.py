"""What may be asked about survivors; ids are made by the caller, so that a repeat is the same command."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.finding.keys import Marker
from services.case.finding.rules import Said
from services.case.finding.writing import MarkStore
from services.case.survivors.documents import StaffStore, SurvivorStore
from services.case.survivors.rules import Survivor
from services.case.survivors.sealing import Sealer
from shared.kernel.messages import AuditIntent
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


def register_survivor(command: RegisterSurvivor, work: UnitOfWork, *, sealer: Sealer, marker: Marker) -> Answer:
    """Keep a survivor, sealed, state who may act on them, and let them be found.

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
        marked_under=marker.generation,
        updated_at=work.now,
    )
    SurvivorStore(work).add(survivor, sealer)
    said = Said(name=command.name, contact=command.safe_contact, reference=command.reference)
    MarkStore(work, marker).note(command.survivor_id, said)
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


@dataclass(frozen=True, kw_only=True)
class AssignMany(DomainCommand):
    """A supervisor gives an advocate to survivors who have none.

    Attributes:
        actor_id: The supervisor; audit names each survivor.
        role: In which role.
    """

    action: ClassVar[str] = "case:survivor:assign-many"
    survivor_ids: tuple[str, ...]
    advocate_id: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The advocate; each survivor stands in a line of its own."""
        return self.advocate_id

    @property
    def aggregates(self) -> frozenset[str]:
        """Every survivor of them."""
        return frozenset(self.survivor_ids)


def assign_many(command: AssignMany, work: UnitOfWork) -> Answer:
    """Give an advocate to those who still have none; whoever has one by now, is gone or is restricted is left alone.

    Raises:
        NotAnAdvocateError: Nobody of this id is an active advocate here; nothing changes.
    """
    StaffStore(work).check_advocates((command.advocate_id,))
    survivors, assigned = SurvivorStore(work), 0
    survivors.load(command.survivor_ids)
    for survivor_id in dict.fromkeys(command.survivor_ids):
        if survivors.is_restricted(survivor_id):
            continue
        if survivors.is_known(survivor_id) and not survivors.advocates_of(survivor_id):
            survivors.assign(survivor_id, (command.advocate_id,))
            assigned += 1
            work.audit(
                AuditIntent(
                    action=AssignAdvocates.action,
                    actor_id=command.actor_id,
                    role=command.role,
                    object_id=survivor_id,
                    outcome="ALLOWED",
                    at=work.now,
                )
            )
    left = len(set(command.survivor_ids)) - assigned
    return Answer(status=200, ids={"id": command.advocate_id, "assigned": assigned, "left": left})
