"""Seals for one reader and one task: HPKE (RFC 9180), for what travels and is stored as it came.

What is sealed is padded to whole blocks, so a size says which kind of thing it is and not what it counts.
Keys live in files outside MongoDB and are destroyed with their task. Limit: overwriting a file is no proof
that an SSD or a snapshot has forgotten it, and Python cannot wipe a key from memory.
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.kernel.errors import PoisonMessageError, RuleViolationError

KEY_BYTES = 32
PADDING_BLOCK = 4_096
"""Bytes; a share of up to 340 slots and a seed both fill exactly one block."""

_LENGTH_BYTES = 4
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealedForAnotherError(PoisonMessageError):
    """What was sealed does not open here: another key, another place, or altered on the way."""

    code = "sealed-for-another"

    def __init__(self) -> None:
        """Say what may be wrong; the cipher does not tell which."""
        super().__init__(
            "The sealed content does not open: it was sealed to another key or for another task, period, "
            "host or report, or it was altered. The sender must send it again, with the task's own key."
        )


class WrongPublicKeyError(PoisonMessageError):
    """A public key is no usable X25519 key."""

    code = "wrong-public-key"

    def __init__(self) -> None:
        """Say what a key is."""
        super().__init__(
            "A server's public key is 32 bytes of X25519 and not a low-order point. Ask its owner for the right key."
        )


class TaskKeyFileError(RuleViolationError):
    """A key file cannot be used as it stands."""

    code = "task-key-file"

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        """Say which file, what is wrong and how to mend it."""
        super().__init__(f"The key file {path} {problem}. {remedy}")
        self.path = path


def seal(public_key: bytes, plaintext: bytes, associated_data: bytes) -> bytes:
    """Seal for one reader, padded to whole blocks.

    Args:
        public_key: The reader's, 32 bytes.
        plaintext: Of a length that depends on no count.
        associated_data: The place it is meant for; goes into HPKE's ``info``, so that it opens nowhere else.

    Raises:
        WrongPublicKeyError: The key cannot be used.
    """
    try:
        return _SUITE.encrypt(_pad(plaintext), X25519PublicKey.from_public_bytes(public_key), info=associated_data)
    except ValueError as error:
        raise WrongPublicKeyError from error


def to_text(sealed: bytes) -> str:
    """Give sealed bytes as a message field carries them."""
    return base64.b64encode(sealed).decode()


def from_text(text: str) -> bytes:
    """Read a message field.

    Raises:
        SealedForAnotherError: It is not base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealedForAnotherError from error


@dataclass(frozen=True, kw_only=True)
class TaskKey:
    """32 secret bytes of one server for one task, such as the custodian's coin key."""

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Draw a new key; any 32 bytes are a key of AES-256 and of X25519."""
        return cls(secret=secrets.token_bytes(KEY_BYTES))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key; see ``load_secret``."""
        return cls(secret=load_secret(path))

    def save(self, path: Path) -> None:
        """Write the key; see ``save_secret``."""
        save_secret(path, self.secret)

    @staticmethod
    def destroy(path: Path) -> None:
        """End the key; see ``destroy_secret``."""
        destroy_secret(path)

    @property
    def commitment(self) -> str:
        """SHA-256 in hexadecimal: fixes a coin key before anyone sends, and says nothing else of it."""
        return hashlib.sha256(self.secret).hexdigest()


class ServerKey(TaskKey):
    """The HPKE key that one server makes for one task."""

    @property
    def public_bytes(self) -> bytes:
        """The public key, 32 bytes."""
        return X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()

    def open_sealed(self, sealed: bytes, associated_data: bytes) -> bytes:
        """Open what ``seal`` closed for this key and place.

        Raises:
            SealedForAnotherError: It does not open.
        """
        private = X25519PrivateKey.from_private_bytes(self.secret)
        try:
            return _unpad(_SUITE.decrypt(sealed, private, info=associated_data))
        except (InvalidTag, ValueError) as error:
            raise SealedForAnotherError from error


def save_secret(path: Path, secret: bytes) -> None:
    """Write 32 secret bytes durably, mode 0600, whole or not at all, never over another.

    Raises:
        TaskKeyFileError: There is such a file: a second draw is not allowed.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path)
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link, unlike a rename, fails when the name is taken.
        os.link(draft, path)
    except FileExistsError as error:
        raise TaskKeyFileError(path, "exists already", "Load it: a task has one key.") from error
    finally:
        draft.unlink()
        _sync_folder(path.parent)


def load_secret(path: Path) -> bytes:
    """Read 32 secret bytes.

    Raises:
        TaskKeyFileError: The file is missing, readable by others or not 32 bytes.
    """
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes()
    except FileNotFoundError as error:
        raise TaskKeyFileError(
            path, "does not exist", "Its task has ended, or was never accepted here; nothing can be opened."
        ) from error
    if mode & _OTHERS:
        raise TaskKeyFileError(path, "may be read by other users", "Set its mode to 0600.")
    if len(secret) != KEY_BYTES:
        raise TaskKeyFileError(path, "is damaged", "The task can no longer be opened. Let it end.")
    return secret


def destroy_secret(path: Path) -> None:
    """Overwrite, unlink and sync; a missing file is done already, so an interrupted end may be repeated."""
    for doomed in (path, _draft(path)):
        try:
            handle = os.open(doomed, os.O_WRONLY)
        except FileNotFoundError:
            continue
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        doomed.unlink(missing_ok=True)
    if path.parent.exists():
        _sync_folder(path.parent)


def _draft(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _pad(plaintext: bytes) -> bytes:
    content = len(plaintext).to_bytes(_LENGTH_BYTES) + plaintext
    return content + bytes(-len(content) % PADDING_BLOCK)


def _unpad(padded: bytes) -> bytes:
    end = _LENGTH_BYTES + int.from_bytes(padded[:_LENGTH_BYTES])
    if end > len(padded):
        raise SealedForAnotherError
    return padded[_LENGTH_BYTES:end]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
