"""Machine keys: of a secret its HMAC alone, and scopes."""

from collections.abc import Mapping
from datetime import datetime
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
        Field(name="secret_prefix", holds=Holds.CODE, missing=""),
        Field(name="networks", holds=Holds.CODE, write=list, missing=()),
        Field(name="expires_at", holds=Holds.INSTANT, missing=None),
        Field(name="former_secret", holds=Holds.HASH, shown=False, missing=None),
        Field(name="former_until", holds=Holds.INSTANT, missing=None),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("client_id", 1)], unique=True), IndexModel([("updated_at", 1), ("_id", 1)])),
)
USES = "machine_uses"
# Apart from the key, so that a sign-in never meets an administrator who changes it.
USE = DocumentType(collection=USES, fields=(Field(name="at", holds=Holds.INSTANT),))
TYPES = (MACHINE, USE)


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
            secret_prefix=machine.secret_prefix,
            networks=machine.networks,
            expires_at=machine.expires_at,
            former_secret=machine.former_index,
            former_until=machine.former_until,
            updated_at=self._work.now,
        )
        self._work.save(MACHINES, document)
        return machine.version + 1

    def note_use(self, machine_id: str, at: datetime) -> None:
        """Keep when a key last signed in, in real time."""
        self._work.save(USES, USE.changed({"_id": machine_id}, at=at))


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
        secret_prefix=said["secret_prefix"],
        networks=tuple(said["networks"]),
        expires_at=said["expires_at"],
        former_index=said["former_secret"],
        former_until=said["former_until"],
        version=said["version"],
    )
