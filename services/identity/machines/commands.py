"""What administrators may ask of machine keys."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
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
    secret_prefix: str = ""
    networks: tuple[str, ...] = ()
    expires_at: datetime | None = None

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
        secret_prefix=command.secret_prefix,
        networks=tuple(sorted(set(command.networks))),
        expires_at=command.expires_at,
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
    store, machine = _own(work, command.machine_id, command.by, policy)
    version = store.save(replace(machine, revoked=True))
    return Answer(status=200, ids={"id": command.machine_id, "version": version})


@dataclass(frozen=True, kw_only=True)
class RotateMachineKey(DomainCommand):
    """A machine gets another secret.

    Attributes:
        at: Real time.
        overlap: How long the present secret is valid too.
    """

    action: ClassVar[str] = "identity:machine-key:rotate"

    machine_id: str
    secret_index: str = field(repr=False)
    secret_prefix: str
    at: datetime
    overlap: timedelta
    by: Administrator

    @property
    def object_id(self) -> str:
        """The key's id."""
        return self.machine_id


def rotate_machine_key(command: RotateMachineKey, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Replace a key's secret; the present one may overlap.

    Raises:
        OverlapOpenError: Two secrets are valid already.
    """
    Administrators(work, policy).take_turn(command.by)
    store, machine = _own(work, command.machine_id, command.by, policy)
    turned = machine.rotated(command.secret_index, command.secret_prefix, at=command.at, overlap=command.overlap)
    version = store.save(turned)
    return Answer(status=200, ids={"id": machine.id, "version": version, "client_id": machine.client_id})


def _own(work: UnitOfWork, machine_id: str, by: Administrator, policy: RolePolicy) -> tuple[MachineStore, MachineKey]:
    """Give a key of the administrator's own organisation."""
    store = MachineStore(work)
    machine = store.get(machine_id)
    if not policy.covers(by, [Membership(organisation_id=machine.organisation_id, role="")]):
        raise DocumentMissingError(MACHINES)
    return store, machine
