"""Reads and writes the tenant key file: whole or not at all, durable, mode 0600, one writer at a time.

Limit: the lock holds between processes of one machine; on a shared network disk only one machine may
run erasures.
"""

import base64
import binascii
import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.tenancy import TenantId

KEY_BYTES = 32

_FORMAT = 1
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class TenantKeyFileError(TemporarilyUnavailableError):
    """The tenant key file cannot be used as it stands."""

    code = "tenant-key-file"

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        """Say which file, what is wrong and how to mend it."""
        super().__init__(f"The tenant key file {path} {problem}. {remedy}")
        self.path = path


@dataclass(frozen=True, kw_only=True)
class KeyRing:
    """The secrets of one tenant.

    Attributes:
        current: Newest generation; new data keys are wrapped by it.
        wrapping: Generation to 32-byte key; more than one only while an erasure runs.
        derivation: 32 bytes, the same for the tenant's whole life.
    """

    current: int
    wrapping: Mapping[int, bytes]
    derivation: bytes

    def __repr__(self) -> str:
        """Show no secret."""
        return f"KeyRing(current={self.current}, generations={sorted(self.wrapping)})"

    def with_next(self, key: bytes) -> "KeyRing":
        """Give the ring with the next generation prepared, not yet in use."""
        return replace(self, wrapping={**self.wrapping, self.current + 1: key})

    def switched(self) -> "KeyRing":
        """Give the ring with the prepared generation in use."""
        return replace(self, current=self.current + 1)

    def without_below(self, generation: int) -> "KeyRing":
        """Give the ring without older generations; the newest always stays."""
        kept = {g: key for g, key in self.wrapping.items() if g >= min(generation, self.current)}
        return replace(self, wrapping=kept)


def stamp(path: Path) -> tuple[int, ...]:
    """Give what changes whenever the file is replaced.

    Raises:
        TenantKeyFileError: There is no such file.
    """
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise TenantKeyFileError(
            path, "does not exist", "Provision the tenant, or restore the file from escrow."
        ) from error
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def read(path: Path, tenant: TenantId) -> KeyRing:
    """Read the ring.

    Raises:
        TenantKeyFileError: The file is missing, readable by others, broken or another tenant's.
    """
    stamp(path)
    if path.stat().st_mode & _OTHERS:
        raise TenantKeyFileError(path, "may be read by other users", "Set its mode to 0600.")
    return decode(path.read_bytes(), path, tenant)


def encode(tenant: TenantId, ring: KeyRing) -> bytes:
    """Give the file's bytes."""
    stored = {
        "format": _FORMAT,
        "tenant": tenant,
        "generation": ring.current,
        "wrapping": {str(g): base64.b64encode(key).decode() for g, key in sorted(ring.wrapping.items())},
        "derivation": base64.b64encode(ring.derivation).decode(),
    }
    return json.dumps(stored, indent=1).encode() + b"\n"


def decode(content: bytes, path: Path, tenant: TenantId) -> KeyRing:
    """Read the file's bytes; ``path`` is named in errors only."""
    broken = TenantKeyFileError(path, "is damaged", "Restore it from escrow; never edit it by hand.")
    try:
        stored = json.loads(content)
        owner = stored["tenant"]
        ring = KeyRing(
            current=int(stored["generation"]),
            wrapping={int(g): base64.b64decode(key) for g, key in stored["wrapping"].items()},
            derivation=base64.b64decode(stored["derivation"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        # No cause: a decoder's message may quote the secret it stumbled over.
        raise broken from None
    if owner != tenant:
        raise TenantKeyFileError(path, "belongs to another tenant", "Give each tenant its own key file.")
    if ring.current not in ring.wrapping or {len(k) for k in (*ring.wrapping.values(), ring.derivation)} != {KEY_BYTES}:
        raise broken
    return ring


def write_new(path: Path, tenant: TenantId, ring: KeyRing) -> None:
    """Write the first file, durably; hold ``exclusive`` meanwhile.

    Raises:
        TenantKeyFileError: A file is there already.
    """
    draft = _draft(path, encode(tenant, ring))
    try:
        # A link, unlike a rename, fails when the name is taken.
        os.link(draft, path)
    except FileExistsError as error:
        raise TenantKeyFileError(
            path, "exists already", "Load it; a second key would make the first one's data unreadable."
        ) from error
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def overwrite(path: Path, tenant: TenantId, ring: KeyRing) -> None:
    """Put a new file in the old one's place, durably; hold ``exclusive`` meanwhile."""
    put(path, encode(tenant, ring))


def put(path: Path, content: bytes) -> None:
    """Replace any file of ours by these bytes, whole and durable, mode 0600; hold ``exclusive`` meanwhile."""
    _draft(path, content).replace(path)
    _sync_folder(path.parent)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Let one process of this machine change the file at a time; the lock falls with the process."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _draft(path: Path, content: bytes) -> Path:
    # One fixed name: what a crash left behind is removed by the next writer, and with it any old key.
    # Unlinked, never truncated: after a crash in write_new it may be a second name of the live file.
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
