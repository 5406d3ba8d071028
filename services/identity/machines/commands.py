"""What administrators may ask of machine keys."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from services.identity.machines.documents import MACHINES, MachineStore
from services.identity.machines.rules import MachineKey
from services.identity.people.administrators import Administrators
from services.identity.people.rules import Administrator, Membership, RolePolicy
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class AddMachineKey(DomainCommand):
    """A machine may do what its scopes say."""

    action: ClassVar[str] = "identity:machine-key:add"

    machine_id: str
    client_id: str
    secret_index: str = field(repr=False)
    scopes: tuple[str, ...]
    organisation_id: str
    by: Administrator

    @property
    def object_id(self) -> str:
        """The key's id."""
        return self.machine_id


def add_machine_key(command: AddMachineKey, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Add a machine key of the administrator's own organisation."""
    Administrators(work, policy).take_turn(command.by)
    machine = MachineKey(
        id=command.machine_id,
        client_id=command.client_id,
        secret_index=command.secret_index,
        scopes=tuple(sorted(set(command.scopes))),
        organisation_id=command.organisation_id,
    )
    version = MachineStore(work).save(machine)
    return Answer(status=201, ids={"id": machine.id, "version": version, "client_id": machine.client_id})


@dataclass(frozen=True, kw_only=True)
class RevokeMachineKey(DomainCommand):
    """A machine may act no more."""

    action: ClassVar[str] = "identity:machine-key:revoke"

    machine_id: str
    by: Administrator

    @property
    def object_id(self) -> str:
        """The key's id."""
        return self.machine_id


def revoke_machine_key(command: RevokeMachineKey, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Let a machine act no more; tokens that are out end within a quarter of an hour."""
    Administrators(work, policy).take_turn(command.by)
    store = MachineStore(work)
    machine = store.get(command.machine_id)
    if not policy.covers(command.by, [Membership(organisation_id=machine.organisation_id, role="")]):
        raise DocumentMissingError(MACHINES)
    version = store.save(replace(machine, revoked=True))
    return Answer(status=200, ids={"id": command.machine_id, "version": version})
