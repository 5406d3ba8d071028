"""Machine keys: of a secret its HMAC alone, and scopes."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.identity.machines.rules import MachineKey
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

MACHINES = "machines"
MACHINE = DocumentType(
    collection=MACHINES,
    fields=(
        Field(name="client_id", holds=Holds.ID),
        Field(name="secret", holds=Holds.HASH, shown=False),
        Field(name="scopes", holds=Holds.CODE, write=list),
        Field(name="organisation_id", holds=Holds.ID),
        Field(name="revoked", holds=Holds.CODE),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("client_id", 1)], unique=True), IndexModel([("updated_at", 1), ("_id", 1)])),
)
TYPES = (MACHINE,)


class MachineStore:
    """Machine keys by id."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, machine_id: str) -> MachineKey:
        """Give a machine key; ``DocumentMissingError`` if there is none."""
        return machine_from(self._work.get(MACHINES, machine_id))

    def save(self, machine: MachineKey) -> int:
        """Keep a machine key and give the new version."""
        document = MACHINE.changed(
            {"_id": machine.id},
            client_id=machine.client_id,
            secret=machine.secret_index,
            scopes=machine.scopes,
            organisation_id=machine.organisation_id,
            revoked=machine.revoked,
            updated_at=self._work.now,
        )
        self._work.save(MACHINES, document)
        return machine.version + 1


def machine_from(document: Mapping[str, Any]) -> MachineKey:
    """Read a machine key's document."""
    said = MACHINE.values(document)
    return MachineKey(
        id=said["id"],
        client_id=said["client_id"],
        secret_index=said["secret"],
        scopes=tuple(said["scopes"]),
        organisation_id=said["organisation_id"],
        revoked=said["revoked"],
        version=said["version"],
    )
