"""Bodies of requests as our server takes them: how large one may be, and how it waits until it is whole.

Promise: a body larger than most is taken only where ``room_for`` says so, before any of it comes; on disk it lies under
a key that only this process's memory has; what stands between a body's chunks is short
(tests/unit/shared/web/test_web_server_bodies.py). Shown by tests/integration/shared/test_web_large_bodies.py.
"""

import copy
import io
from collections.abc import Callable, Mapping
from typing import Any

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser
from waitress.utilities import BadRequest

from shared.keys.spool import SealedSpool

LONGEST_LINE, LONGEST_TRAILER = 1024, 16 * 1024
"""Bytes of what stands between a body's chunks, and behind them: it is searched anew with each piece that comes."""

RoomFor = Callable[[str, str, Mapping[str, str], str], int]
"""Says how many bytes a request's body may have: by method, path, headers and the sender's address."""


class SealedFile:
    """A body on disk that opens for nobody else; what waitress asks of a buffer."""

    def __init__(self) -> None:
        """Begin empty; the parser bounds it."""
        self._spool = SealedSpool()

    def append(self, data: bytes) -> None:
        """Add to its end."""
        self._spool.write(data)

    def __len__(self) -> int:
        """Count its bytes."""
        return self._spool.size

    def getfile(self) -> io.BufferedReader:
        """Give it from its beginning; nothing is added after that."""
        self._spool.seal()
        return self._spool.reader()

    def close(self) -> None:
        """Let it go."""
        self._spool.close()


class SealedBuffer(OverflowableBuffer):  # type: ignore[misc]  # waitress ships no types.
    """A body in memory while it is small, else sealed on disk."""

    buf: Any

    def _set_large_buffer(self) -> None:
        small, large = self.buf, SealedFile()
        if small is not None:
            large.append(small.get())
            small.close()
        self.buf = large
        self.overflowed = True


class BoundedParser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types.
    """One request, whose headers decide how large its body may be."""

    adj: Any

    def __init__(self, adj: Any, *, address: str) -> None:
        """Begin to read what an address sends."""
        super().__init__(adj)
        self._address = address

    def received(self, data: bytes) -> int:
        """Take bytes in; give how many of them belong to this request."""
        consumed: int = super().received(data)
        body: Any = self.body_rcv
        if (
            self.chunked
            and body is not None
            and (len(body.control_line) > LONGEST_LINE or len(body.trailer) > LONGEST_TRAILER)
        ):
            self.error = BadRequest("What stands between the chunks of this body is too long.")
            self.completed = True
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Read the headers."""
        super().parse_header(header_plus)
        if self.body_rcv is None:
            return
        self.body_rcv.buf = SealedBuffer(self.adj.inbuf_overflow)
        most = self.adj.room_for(self.command, self.path, self.headers, self._address)
        if most > self.adj.max_request_body_size:
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = most
