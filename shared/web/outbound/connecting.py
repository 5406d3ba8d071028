"""Connects to the address that was checked, and to no other; bounds the time and the bytes of the whole exchange.

A name is looked up once a connection. What the lookup gave is checked and then dialled as a number, so that a name
whose answer changes in between gains nothing. TLS is spoken to the name. Shown by
tests/unit/integrations/test_webhook_posting.py and tests/integration/integrations/test_webhook_wire.py.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from shared.web.outbound.addresses import allowed, is_refused
from shared.web.outbound.looking_up import LookupFailedError, Resolve, look_up

CONNECT_S = 5.0
WHOLE_S = 15.0
MOST_READ = 16 * 1024
"""Bytes of an answer that are read at most: its headers and the beginning of its body."""
_MOST_TRIED = 2

Dial = Callable[[str, int, float], httpcore.NetworkStream]


class AddressRefusedError(OSError):
    """The name leads to an address that nothing may be sent to."""


class OutOfTimeError(OSError):
    """The whole exchange took too long."""


class AnswerTooLargeError(OSError):
    """More came than is read."""


def dial_by_system(address: str, port: int, timeout_s: float) -> httpcore.NetworkStream:
    """Open a TCP connection to a number."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout_s)


class Bounds:
    """What is left of one exchange: time and bytes."""

    def __init__(self, *, whole_s: float = WHOLE_S, most_read: int = MOST_READ) -> None:
        """Begin now."""
        self._until = time.monotonic() + whole_s
        self._left = most_read

    def seconds(self, at_most: float | None = None) -> float:
        """Give the seconds that the next step may take.

        Raises:
            OutOfTimeError: None are left.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise OutOfTimeError
        return left if at_most is None else min(left, at_most)

    def bytes(self, at_most: int) -> int:
        """Give how many bytes may be read next.

        Raises:
            AnswerTooLargeError: None may.
        """
        if self._left <= 0:
            raise AnswerTooLargeError
        return min(self._left, at_most)

    def take(self, number: int) -> None:
        """Count bytes that were read."""
        self._left -= number


class PinnedBackend(httpcore.NetworkBackend):
    """Looks up, checks, and dials what it checked; for one exchange."""

    def __init__(self, resolve: Resolve, dial: Dial, bounds: Bounds, *, loopback: bool) -> None:
        """Take how to look up and dial, and what is left of the exchange."""
        self._resolve = resolve
        self._dial = dial
        self._bounds = bounds
        self._loopback = loopback

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  The exchange's own bounds count.
        local_address: str | None = None,  # noqa: ARG002  Nobody asks for one.
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002  The same.
    ) -> httpcore.NetworkStream:
        """Connect to a name.

        Raises:
            LookupFailedError: It has no address.
            AddressRefusedError: One of its addresses is refused.
            OutOfTimeError: The time is over.
        """
        connect_until = Bounds(whole_s=self._bounds.seconds(CONNECT_S))
        found = look_up(self._resolve, host, port, within_s=connect_until.seconds())
        addresses = allowed(found, loopback=self._loopback)
        if not addresses:
            raise AddressRefusedError
        last: Exception = LookupFailedError("no address")
        for address in addresses[:_MOST_TRIED]:
            try:
                stream = self._dial(address, port, connect_until.seconds())
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
                continue
            self._check_peer(stream)
            return _BoundedStream(stream, self._bounds)
        raise last

    def _check_peer(self, stream: httpcore.NetworkStream) -> None:
        """Look at whom the machine itself says it is connected to; a route or a rule of its own may differ."""
        peer = stream.get_extra_info("server_addr")
        if peer is not None and is_refused(str(peer[0]), loopback=self._loopback):
            stream.close()
            raise AddressRefusedError


class _BoundedStream(httpcore.NetworkStream):
    """A stream whose every step counts against one exchange's bounds."""

    def __init__(self, stream: httpcore.NetworkStream, bounds: Bounds) -> None:
        self._stream = stream
        self._bounds = bounds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(self._bounds.bytes(max_bytes), timeout=self._bounds.seconds(timeout))
        self._bounds.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._bounds.seconds(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = self._bounds.seconds(timeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, left_s), self._bounds)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
