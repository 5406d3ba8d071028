"""py-amqp's transports with a buffer: one ``recv`` fetches what has come, frames are cut from memory.

py-amqp itself asks the socket three times a frame, nine times a message. Whatever stands behind a frame in the
buffer waits there for the next call, so whoever asks "is there something to read" must ask ``has_frame`` as well
as the socket. The seams are public ones: kombu takes a transport class, which names a connection class, which
makes the transport, whose ``read_frame`` is the only reader of the socket; TLS, timeouts and heartbeats stay
py-amqp's own.

Promise: a wait that ends in the middle of a frame loses no byte of it (``tests/unit/shared/bus/test_frames.py``).
"""

import errno
import struct
from typing import Any

from amqp.exceptions import UnexpectedFrame
from amqp.transport import SSLTransport, TCPTransport
from kombu.transport.pyamqp import Connection as _Connection
from kombu.transport.pyamqp import Transport as _Transport

RECEIVE_BYTES = 65_536
_HEADER = struct.Struct(">BHI")
_END = 0xCE
_NOT_NOW = frozenset({errno.EAGAIN, errno.EINTR, errno.ENOENT, errno.EWOULDBLOCK})
"""What a socket or a TLS session says when its wait is over without an answer."""


class _Buffered:
    """Cuts frames from what one ``recv`` gave; stands before one of py-amqp's transports."""

    sock: Any
    connected: bool
    _held = b""
    _at = 0

    def has_frame(self) -> bool:
        """Whether a whole frame stands in the buffer, so that ``read_frame`` needs no socket."""
        left = len(self._held) - self._at
        if left < _HEADER.size:
            return False
        return left > _HEADER.size + int(_HEADER.unpack_from(self._held, self._at)[2])

    def read_frame(self, unpack: object = None) -> tuple[int, int, bytes]:
        """Give the next frame as (type, channel, payload), as py-amqp's transports do.

        Raises:
            TimeoutError: The socket's wait is over; what came of the frame stays for the next call.
            OSError: The connection is lost.
            UnexpectedFrame: What came is no frame.
        """
        del unpack
        while not self.has_frame():
            self._receive()
        kind, channel, size = _HEADER.unpack_from(self._held, self._at)
        begins = self._at + _HEADER.size
        ends = begins + size
        payload, end = self._held[begins:ends], self._held[ends]
        self._at = ends + 1
        if self._at == len(self._held):
            self._held, self._at = b"", 0
        if end != _END:
            raise UnexpectedFrame(f"Received frame_end {end:#04x} while expecting 0xce")
        return kind, channel, payload

    def _receive(self) -> None:
        try:
            came = self.sock.recv(RECEIVE_BYTES)
        except TimeoutError:
            raise
        except OSError as error:
            if error.errno in _NOT_NOW:
                raise TimeoutError from error
            self.connected = False
            raise
        if not came:
            self.connected = False
            raise ConnectionResetError("Server unexpectedly closed connection")
        self._held = self._held[self._at :] + came
        self._at = 0


class _BufferedTcp(_Buffered, TCPTransport):  # type: ignore[misc]
    """Without TLS."""


class _BufferedTls(_Buffered, SSLTransport):  # type: ignore[misc]
    """With TLS; a record that was decrypted waits in the session, which its ``pending`` tells."""


class _BufferedConnection(_Connection):
    def Transport(  # noqa: N802  The name is py-amqp's, and so is the order.
        self, host: str, connect_timeout: float, *rest: Any, **options: Any
    ) -> Any:
        """Make the transport."""
        ssl, read_timeout, write_timeout = rest
        kind = _BufferedTls if ssl else _BufferedTcp
        return kind(
            host,
            connect_timeout=connect_timeout,
            ssl=ssl,
            read_timeout=read_timeout,
            write_timeout=write_timeout,
            **options,
        )


class BufferedTransport(_Transport):
    """kombu's transport over py-amqp, with the buffer."""

    Connection = _BufferedConnection
