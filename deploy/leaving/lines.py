"""Decrypted lines of a package, one at a time: nothing of them is ever on a disk, and memory holds one line."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from pyrage.x25519 import Identity

from deploy.keeping.age_files import decrypt_into
from deploy.keeping.errors import DamagedBackupError, WrongIdentityError
from deploy.leaving.errors import PackageUnreadableError

LONGEST_LINE = 17 * 1024 * 1024
"""Longer than any document of the database."""


def read_lines(path: Path, identity: Identity, take: Callable[[bytes], None]) -> str:
    """Hand over each line of a file with its end; give the SHA-256 of what the file holds.

    Raises:
        PackageUnreadableError: It was encrypted to another key, altered or cut off, or a line is too long.
    """
    sink = _Lines(path, take)
    try:
        decrypt_into(path, identity, sink)
    except WrongIdentityError as error:
        raise PackageUnreadableError(
            f"The identity does not open {path.name}: it was written to another key, or its head is damaged."
        ) from error
    except DamagedBackupError as error:
        raise PackageUnreadableError(f"{path.name} was altered, cut off, or is missing.") from error
    sink.close()
    return sink.digest.hexdigest()


class _Lines:
    """Cuts a stream of bytes into lines."""

    def __init__(self, path: Path, take: Callable[[bytes], None]) -> None:
        self._path, self._take = path, take
        self._buffer = bytearray()
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self._buffer += data
        *whole, rest = bytes(self._buffer).split(b"\n") if b"\n" in data else [bytes(self._buffer)]
        if len(rest) > LONGEST_LINE:
            raise PackageUnreadableError(f"{self._path.name} has a line that is longer than any record.")
        self._buffer = bytearray(rest)
        for line in whole:
            self._take(line + b"\n")
        return len(data)

    def flush(self) -> None:
        """Nothing waits here that could be handed over."""

    def close(self) -> None:
        if self._buffer:
            raise PackageUnreadableError(f"{self._path.name} ends in the middle of a line.")
