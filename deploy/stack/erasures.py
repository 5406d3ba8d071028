"""Where the erasures of a tenant's survivors stand: steps and generations, never whom they are about."""

from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.provision.credentials import Vault
from deploy.stack.stack import Stack
from shared.kernel.errors import NotFoundError
from shared.kernel.tenancy import TenantId, database_name
from shared.keys.escrow import FileEscrowSlot, generation_of
from shared.keys.key_table import KeyTable
from shared.keys.tenant_key import TenantKeyFile

_COUNTED = 1_000


class NoKeyTableError(NotFoundError):
    """The stack has no such tenant, or it was never provisioned."""

    code = "no-key-table"

    def __init__(self) -> None:
        """Say how to see which there are."""
        super().__init__("This stack has no key table of this tenant. See: alongside tenant list")


def erasure_status(stack: Stack, tenant: str) -> dict[str, Any]:
    """Give where erasures stand.

    Returns:
        ``step``, ``waiting`` (erased survivors whose old tenant key still exists, up to 1,000) and the
        generations of ``table``, ``key`` and ``escrow``, which are equal while no erasure runs.

    Raises:
        NoKeyTableError: There is no such tenant.
    """
    if stack.state.find(tenant) is None:
        raise NoKeyTableError
    identity = TenantId(tenant)
    mongo: MongoClient[dict[str, Any]] = MongoClient(
        stack.engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS
    )
    try:
        table = KeyTable(mongo[database_name(identity, "keys")])
        state = table.state()
        if state is None:
            raise NoKeyTableError
        slot = FileEscrowSlot(stack.layout.escrow_dir(tenant) / f"{tenant}.escrow", seal=bytes)
        return {
            "tenant": tenant,
            "step": state.step.value,
            "waiting": len(table.open_erasures(_COUNTED)),
            "table": state.generation,
            "key": TenantKeyFile.load(_key_file(stack, identity), identity).generation,
            "escrow": generation_of(slot.version()),
        }
    finally:
        mongo.close()


def _key_file(stack: Stack, tenant: TenantId) -> Path:
    return Vault.of(stack.layout.secrets_dir, tenant).folder / "tenant.key"
