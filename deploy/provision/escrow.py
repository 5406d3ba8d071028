"""The embedded default of the escrow slot: a file beside the stack's data, sealed to a key of its own holder.

Limit: here one person holds slot and key. In service the folder is a mount of another disk and the holder's
private key lies with another person (docs/runbooks/erasure-unfinished.md says who is asked).
"""

from pathlib import Path

from shared.kernel.tenancy import TenantId
from shared.keys.escrow import FileEscrowSlot, escrow_version
from shared.keys.key_table import ErasureStep, KeysDatabase, KeyTable
from shared.keys.sealing import ServerKey, seal
from shared.keys.tenant_key import TenantKeyFile


def prepare_escrow(
    folder: Path, tenant: TenantId, key: TenantKeyFile, database: KeysDatabase, *, holder_file: Path
) -> dict[str, str]:
    """Prepare the key table and fill an empty slot; running it again changes nothing.

    Args:
        holder_file: The holder's private key; made if missing.

    Returns:
        What the credentials file says of the slot: its file and the holder's public key as hexadecimal.
    """
    for needed in (folder, holder_file.parent):
        needed.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not holder_file.exists():
        ServerKey.generate().save(holder_file)
    public_key = ServerKey.load(holder_file).public_bytes
    table = KeyTable(database)
    table.prepare(key.generation)
    slot = FileEscrowSlot(
        folder / f"{tenant}.escrow", seal=lambda content: seal(public_key, content, f"escrow/{tenant}".encode())
    )
    state = table.state()
    if slot.version() == 0 and state is not None and state.step is ErasureStep.IDLE:
        slot.replace(version=escrow_version(key.generation, final=True), content=key.escrow_copy())
    return {"escrow_file": str(folder / f"{tenant}.escrow"), "escrow_holder_key": public_key.hex()}
