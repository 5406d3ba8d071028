"""The tenant key: 256 bits in a file outside MongoDB that wraps every survivor's data key.

The file holds two secrets. *Wrapping keys* have generations and are replaced at each erasure
(``shared.keys.rotation``). The *derivation key* never changes: from it come the HMAC keys of blind
indexes, idempotency fingerprints and import hashes, which an erasure must not turn stale.

Limit: Python cannot wipe memory, and a file replaced on an SSD may leave its old blocks behind.
PKCS#11: implement ``RotatingKeyWrapper`` with C_WrapKey/C_UnwrapKey (CKM_AES_KEY_WRAP), one object
label for each generation, C_DestroyObject in ``destroy_before`` and CKM_HKDF_DERIVE in ``subkey``;
nothing else in ``shared.keys`` knows where the key lives.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from shared.kernel.errors import RuleViolationError, TemporarilyUnavailableError
from shared.kernel.tenancy import TenantId
from shared.keys import key_file
from shared.keys.key_file import KEY_BYTES, KeyRing

BLIND_INDEX = "blind-index"
IDEMPOTENCY_FINGERPRINT = "idempotency-fingerprint"
IMPORT_CONTENT_HASH = "import-content-hash"


@dataclass(frozen=True, kw_only=True, slots=True)
class WrappedKey:
    """A data key closed by one generation of the tenant key (RFC 3394, 40 bytes)."""

    generation: int
    data: bytes


class KeyWrapper(Protocol):
    """Closes and opens data keys; the tenant key itself never leaves it."""

    @property
    def generation(self) -> int:
        """Generation that ``wrap`` uses now, at least 1."""

    def wrap(self, key: bytes) -> WrappedKey:
        """Close a data key under the newest generation."""

    def unwrap(self, wrapped: WrappedKey) -> bytes:
        """Open a data key; raises ``UnknownGenerationError`` or ``WrongTenantKeyError``."""

    def subkey(self, purpose: str) -> bytes:
        """Derive the 32-byte HMAC key of one purpose; the same for the tenant's whole life."""


class RotatingKeyWrapper(KeyWrapper, Protocol):
    """What an erasure needs besides; each method may be repeated after a crash."""

    def prepare_next(self, *, expected: int) -> None:
        """Add generation ``expected + 1`` durably; nothing is wrapped by it yet.

        Raises:
            GenerationMovedError: The newest is neither ``expected`` nor its successor.
        """

    def switch(self, *, expected: int) -> None:
        """Wrap by the prepared generation from now on (compare-and-set).

        Raises:
            GenerationMovedError: The newest is neither ``expected`` nor its successor.
        """

    def destroy_before(self, generation: int) -> None:
        """Destroy every generation below this one; the newest always stays."""

    def escrow_copy(self) -> bytes:
        """Give what the escrow slot must hold to restore this tenant: secret, seal it before it travels."""


class UnknownGenerationError(TemporarilyUnavailableError):
    """The key row's generation of the tenant key is not here."""

    code = "tenant-key-generation-unknown"

    def __init__(self, generation: int) -> None:
        """Keep the generation."""
        super().__init__(
            f"Generation {generation} of the tenant key is not in this process's key file. Either the file "
            "is older than the key table, or the table was restored from before an erasure: restore the "
            "newest copy of both."
        )
        self.generation = generation


class WrongTenantKeyError(TemporarilyUnavailableError):
    """The tenant key does not open this row."""

    code = "tenant-key-wrong"

    def __init__(self, generation: int) -> None:
        """Keep the generation that failed."""
        super().__init__(
            f"Generation {generation} of the tenant key does not open the key row. The key file belongs to "
            "another copy of this tenant: give the process the file that its key table was written with."
        )
        self.generation = generation


class GenerationMovedError(RuleViolationError):
    """Another erasure has switched the tenant key meanwhile."""

    code = "tenant-key-generation-moved"

    def __init__(self, *, expected: int, found: int) -> None:
        """Keep both numbers."""
        super().__init__(
            f"The tenant key stands at generation {found}, this erasure expected {expected}. Run the "
            "erasure again; it reads the generation again."
        )
        self.expected = expected
        self.found = found


class TenantKeyFile:
    """The tenant key in a file, mode 0600; notices within one call when another process replaced it."""

    def __init__(self, path: Path, tenant: TenantId, ring: KeyRing, stamp: tuple[int, ...]) -> None:
        """Use ``load`` or ``create``."""
        self._path = path
        self._tenant = tenant
        self._ring = ring
        self._stamp = stamp

    @classmethod
    def load(cls, path: Path, tenant: TenantId) -> "TenantKeyFile":
        """Read the tenant's key file.

        Raises:
            TenantKeyFileError: It is missing, readable by others, broken, or another tenant's.
        """
        stamp = key_file.stamp(path)
        return cls(path, tenant, key_file.read(path, tenant), stamp)

    @classmethod
    def create(cls, path: Path, tenant: TenantId) -> "TenantKeyFile":
        """Draw a new tenant key, generation 1, and write it durably.

        Raises:
            TenantKeyFileError: A file is there already; it is never overwritten.
        """
        ring = KeyRing(
            current=1, wrapping={1: secrets.token_bytes(KEY_BYTES)}, derivation=secrets.token_bytes(KEY_BYTES)
        )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with key_file.exclusive(path):
            key_file.write_new(path, tenant, ring)
        return cls.load(path, tenant)

    @property
    def generation(self) -> int:
        """Generation that ``wrap`` uses now."""
        return self._fresh().current

    def wrap(self, key: bytes) -> WrappedKey:
        """Close a data key under the newest generation."""
        ring = self._fresh()
        return WrappedKey(generation=ring.current, data=aes_key_wrap(ring.wrapping[ring.current], key))

    def unwrap(self, wrapped: WrappedKey) -> bytes:
        """Open a data key.

        Raises:
            UnknownGenerationError: This generation is destroyed or not yet here.
            WrongTenantKeyError: The row was closed by another key.
        """
        wrapping = self._fresh().wrapping.get(wrapped.generation)
        if wrapping is None:
            raise UnknownGenerationError(wrapped.generation)
        try:
            return aes_key_unwrap(wrapping, wrapped.data)
        except InvalidUnwrap as error:
            raise WrongTenantKeyError(wrapped.generation) from error

    def subkey(self, purpose: str) -> bytes:
        """Derive the 32-byte key of one purpose, such as ``BLIND_INDEX`` (HKDF-SHA256, RFC 5869)."""
        info = f"alongside/{self._tenant}/{purpose}".encode()
        hkdf = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info)
        return hkdf.derive(self._fresh().derivation)

    def prepare_next(self, *, expected: int) -> None:
        """Add the next generation; see ``RotatingKeyWrapper``."""
        with key_file.exclusive(self._path):
            ring = self._expect(expected)
            if ring.current == expected and expected + 1 not in ring.wrapping:
                key_file.overwrite(self._path, self._tenant, ring.with_next(secrets.token_bytes(KEY_BYTES)))

    def switch(self, *, expected: int) -> None:
        """Make the prepared generation the newest; see ``RotatingKeyWrapper``."""
        with key_file.exclusive(self._path):
            ring = self._expect(expected)
            if ring.current == expected and expected + 1 not in ring.wrapping:
                raise UnknownGenerationError(expected + 1)
            if ring.current == expected:
                key_file.overwrite(self._path, self._tenant, ring.switched())

    def destroy_before(self, generation: int) -> None:
        """Rewrite the file without the generations below this one."""
        with key_file.exclusive(self._path):
            ring = key_file.read(self._path, self._tenant)
            kept = ring.without_below(generation)
            if kept != ring:
                key_file.overwrite(self._path, self._tenant, kept)

    def escrow_copy(self) -> bytes:
        """Give the whole file's content, to be sealed to the escrow holder."""
        return key_file.encode(self._tenant, key_file.read(self._path, self._tenant))

    def _expect(self, expected: int) -> KeyRing:
        ring = key_file.read(self._path, self._tenant)
        if ring.current not in (expected, expected + 1):
            raise GenerationMovedError(expected=expected, found=ring.current)
        return ring

    def _fresh(self) -> KeyRing:
        # One stat (2 µs) a call: a switch or a destruction elsewhere counts at once, without a message.
        stamp = key_file.stamp(self._path)
        if stamp != self._stamp:
            self._ring = key_file.read(self._path, self._tenant)
            self._stamp = stamp
        return self._ring
