"""Files encrypted with age (v1, X25519): BSON frames in, ciphertext out; the clear text is never on a disk.

A file is a sequence of BSON documents, ``frames``, that ends with one of kind ``end``. Memory stays bounded
by one frame (16 MiB at most) and one chunk of age (64 KiB).
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import bson
import pyrage
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument

from deploy.keeping.errors import DamagedBackupError, IdentityFileError, RecipientError, WrongIdentityError

Frame = dict[str, Any]

_LENGTH_BYTES = 4
_LARGEST_FRAME = 17 * 1024 * 1024
_KNOWN: CodecOptions[Any] = CodecOptions(tz_aware=True)


def read_recipient(text: str) -> pyrage.x25519.Recipient:
    """Read a public key.

    Raises:
        RecipientError: It is none.
    """
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise RecipientError from error


def read_identity(path: Path) -> pyrage.x25519.Identity:
    """Read an identity file as ``age-keygen`` writes it.

    Raises:
        IdentityFileError: It is missing or holds no identity.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        (secret,) = (line.strip() for line in lines if line.strip() and not line.startswith("#"))
        return pyrage.x25519.Identity.from_str(secret)
    except OSError as error:
        raise IdentityFileError(path, "cannot be read") from error
    except (ValueError, pyrage.IdentityError):
        # No cause: it might quote the secret.
        raise IdentityFileError(path, "does not hold exactly one identity") from None


def make_identity(path: Path) -> str:
    """Make an identity file, mode 0600, as ``age-keygen`` does; give its public key.

    Raises:
        IdentityFileError: The file is there already, or its folder is not.
    """
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise IdentityFileError(path, "is there already and is left as it is") from error
    except OSError as error:
        raise IdentityFileError(path, "cannot be written") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"# public key: {recipient}\n{identity}\n")
    return recipient


def write_encrypted(path: Path, frames: Iterable[Frame], recipient: pyrage.x25519.Recipient) -> dict[str, Any]:
    """Encrypt frames into a file: whole or not at all, durable, mode 0600; one that is there is replaced.

    Returns:
        ``sha256`` (hexadecimal) and ``bytes`` of the file.
    """
    return encrypt_parts(path, (bson.encode(frame) for frame in frames), recipient)


def encrypt_parts(path: Path, parts: Iterable[bytes], recipient: pyrage.x25519.Recipient) -> dict[str, Any]:
    """Encrypt what these parts give one after the other, as ``write_encrypted`` does its frames."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            target = _Hashing(file)
            pyrage.encrypt_io(_Source(parts), target, [recipient])
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
    return {"sha256": target.digest.hexdigest(), "bytes": target.size}


def read_encrypted(path: Path, identity: pyrage.x25519.Identity, take: Callable[[Frame], None]) -> None:
    """Decrypt a file and hand over its frames, one by one.

    Documents inside a frame stay raw. An exception of ``take`` passes through.

    Raises:
        WrongIdentityError: It was encrypted to somebody else.
        DamagedBackupError: It was altered, cut off, or is missing.
    """
    sink = _Sink(path, take)
    decrypt_into(path, identity, sink)
    sink.close()


def decrypt_into(path: Path, identity: pyrage.x25519.Identity, sink: "Writes") -> None:
    """Decrypt a file piece by piece; an exception of the sink passes through.

    Raises:
        WrongIdentityError, DamagedBackupError: As ``read_encrypted``.
    """
    try:
        with path.open("rb") as file:
            pyrage.decrypt_io(file, sink, [identity])
    except FileNotFoundError as error:
        raise DamagedBackupError(path, "is missing") from error
    except pyrage.DecryptError as error:
        raise WrongIdentityError(path) from error
    except OSError as error:
        raise DamagedBackupError(path, "is damaged or was cut off") from error


class Writes(Protocol):
    """What takes bytes as they come."""

    def write(self, data: bytes) -> int:
        """Take a piece; say how many bytes were taken."""
        ...

    def flush(self) -> None:
        """Let go of what waits."""
        ...


def digest_of(path: Path) -> str:
    """Give a file's SHA-256 as hexadecimal.

    Raises:
        DamagedBackupError: The file is missing.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise DamagedBackupError(path, "is missing") from error


def sync_folder(folder: Path) -> None:
    """Make a folder's names durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Source:
    """Parts as a stream of bytes that can be read."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts: Iterator[bytes] = iter(parts)
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return b""
            self._rest = memoryview(part)
        piece = self._rest[:size] if size >= 0 else self._rest
        self._rest = self._rest[len(piece) :]
        return bytes(piece)


class _Hashing:
    """Writes through to a file, and knows the digest of what went through."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


class _Sink:
    """Cuts a stream of bytes into frames."""

    def __init__(self, path: Path, take: Callable[[Frame], None]) -> None:
        self._path = path
        self._take = take
        self._buffer = bytearray()
        self._ended = False

    def write(self, data: bytes) -> int:
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= _LENGTH_BYTES:
            size = int.from_bytes(self._buffer[start : start + _LENGTH_BYTES], "little")
            if not _LENGTH_BYTES < size <= _LARGEST_FRAME or self._ended:
                raise DamagedBackupError(self._path, "holds no frames of a backup")
            if len(self._buffer) - start < size:
                break
            self._frame(bytes(self._buffer[start : start + size]))
            start += size
        del self._buffer[:start]
        return len(data)

    def flush(self) -> None:
        """Nothing waits here that could be handed over."""

    def close(self) -> None:
        if self._buffer or not self._ended:
            raise DamagedBackupError(self._path, "ends too early")

    def _frame(self, data: bytes) -> None:
        try:
            raw = RawBSONDocument(data)
            kind = raw["kind"]
            # Documents stay as they were; everything else is read at once.
            frame = {"kind": kind, "document": raw["document"]} if kind == "document" else bson.decode(data, _KNOWN)
        except (InvalidBSON, KeyError) as error:
            raise DamagedBackupError(self._path, "holds no frames of a backup") from error
        self._ended = kind == "end"
        self._take(frame)
