"""A file that waits on disk while it is read: sealed under a key that only this process's memory has.

Promise: what stands on the disk opens for nobody else, and has no name there; when the process ends, however it ends,
nothing can be read of it (``tests/unit/case/test_import_streams.py``). Bounded by what is written into it.
"""

import io
import os
import struct
import tempfile
from collections.abc import Iterator
from typing import IO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import InvalidInputError

_CHUNK = 256 * 1024
_NONCE = struct.Struct(">4xQ")
_TAG = 16


class SpoolFullError(InvalidInputError):
    """More was written than the spool may hold."""

    code = "too-large"

    def __init__(self, limit: int) -> None:
        """Name the limit."""
        super().__init__(f"The file is larger than {limit // 1024 // 1024} MB. Export a shorter period, or split it.")


class SealedSpool:
    """Bytes that are written once and read as often as needed."""

    def __init__(self, limit: int = 2 * 1024 * 1024 * 1024) -> None:
        """Make an empty one, with a key of its own."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  It lives as long as the spool does.
        self._key = AESGCM(AESGCM.generate_key(256))
        self._open = bytearray()
        self._sizes: list[int] = []
        self._limit = limit
        self.size = 0

    @classmethod
    def of(cls, stream: IO[bytes], limit: int) -> "SealedSpool":
        """Take a stream that can be read only once, such as a request's body."""
        spool = cls(limit)
        while block := stream.read(_CHUNK):
            spool.write(block)
        spool.seal()
        return spool

    def write(self, content: bytes) -> None:
        """Add to its end.

        Raises:
            SpoolFullError: It would be larger than it may.
        """
        self.size += len(content)
        if self.size > self._limit:
            raise SpoolFullError(self._limit)
        self._open += content
        while len(self._open) >= _CHUNK:
            self._keep(bytes(self._open[:_CHUNK]))
            del self._open[:_CHUNK]

    def seal(self) -> None:
        """Write what is still open; nothing can be added after it."""
        if self._open:
            self._keep(bytes(self._open))
            self._open.clear()
        self._file.flush()

    def reader(self) -> io.BufferedReader:
        """Give its content as a binary file of its own position."""
        return io.BufferedReader(_Reader(self), _CHUNK)

    def chunk(self, number: int) -> bytes:
        """Give a chunk; nothing after the last."""
        if number >= len(self._sizes):
            return b""
        sealed = os.pread(self._file.fileno(), self._sizes[number] + _TAG, number * (_CHUNK + _TAG))
        return self._key.decrypt(_NONCE.pack(number), sealed, None)

    def close(self) -> None:
        """Let the disk's space go."""
        self._file.close()

    def _keep(self, chunk: bytes) -> None:
        # A key seals each chunk once, so its number is nonce enough.
        self._file.write(self._key.encrypt(_NONCE.pack(len(self._sizes)), chunk, None))
        self._sizes.append(len(chunk))


class _Reader(io.RawIOBase):
    """A position in a spool."""

    def __init__(self, spool: SealedSpool) -> None:
        self.spool = spool
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.spool.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        number, inside = divmod(self._at, _CHUNK)
        if self._held[0] != number:
            self._held = (number, self.spool.chunk(number))
        taken = self._held[1][inside : inside + len(buffer)]
        buffer[: len(taken)] = taken
        self._at += len(taken)
        return len(taken)


def spool_of(stream: object) -> SealedSpool | None:
    """Give the spool from which a stream reads, if it is a reader of one."""
    raw = getattr(stream, "raw", None)
    return raw.spool if isinstance(raw, _Reader) else None


def chunks(spool: SealedSpool) -> Iterator[bytes]:
    """Give a spool's content chunk by chunk."""
    number = 0
    while chunk := spool.chunk(number):
        yield chunk
        number += 1
