"""The newest key table always wins: refuses keys older than the data, the escrow's or what is here already."""

from collections.abc import Iterable
from pathlib import Path

from deploy.keeping.errors import NotEmptyError, OldKeysError
from deploy.keeping.inspection import Inspection
from shared.kernel.tenancy import TenantId
from shared.keys import key_file
from shared.keys.escrow import FileEscrowSlot, generation_of
from shared.keys.key_file import KeyRing


def ring_of(keys: Inspection, tenant: TenantId) -> KeyRing:
    """Give the secrets of a keys file.

    Raises:
        TenantKeyFileError: There are none, or another tenant's.
    """
    return key_file.decode(keys.files.get("tenant.key", b""), keys.path, tenant)


def check_age(
    tenant: TenantId, *, data: Inspection, keys: Inspection, escrow_folders: Iterable[Path], present: Path
) -> None:
    """Compare a keys file with everything that knows of newer ones.

    Args:
        tenant: Whose keys.
        data: Its data file; keys made before it would lack some.
        keys: The keys file.
        escrow_folders: Where slots ``<tenant>.escrow`` may lie.
        present: The tenant key file of this stack, which need not exist.

    Raises:
        OldKeysError: Something is newer.
        NotEmptyError: This stack has another key for the tenant.
    """
    if keys.cluster_time < data.cluster_time:
        raise OldKeysError(tenant, "it was written before the data")
    ring, target = ring_of(keys, tenant), int(keys.header["target"])
    for folder in escrow_folders:
        held = generation_of(FileEscrowSlot(folder / f"{tenant}.escrow", seal=bytes).version())
        if held > target:
            raise OldKeysError(tenant, f"it is of generation {target} and the escrow slot holds {held}")
    if present.exists():
        here = key_file.read(present, tenant)
        if here.derivation != ring.derivation:
            raise NotEmptyError(tenant, "another tenant key lies in its folder of secrets")
        if here.current > ring.current:
            raise OldKeysError(tenant, f"it is of generation {ring.current} and this stack's key of {here.current}")
