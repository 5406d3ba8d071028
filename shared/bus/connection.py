"""One AMQP connection, opened through kombu, with every wait bounded.

py-amqp's own close and publish can wait for ever under a broker alarm or a silent network (measured), so
``drop`` lets go of the socket without a word to the broker.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import amqp
from kombu.connection import Connection

from shared.bus.frames import BufferedTransport
from shared.bus.tls import ClientTls
from shared.kernel.errors import TemporarilyUnavailableError

HEARTBEAT_S = 10
CONNECT_TIMEOUT_S = 5.0

_Kombu: Any = Connection  # kombu is only partly typed.

CONNECTION_ERRORS: tuple[type[Exception], ...] = (OSError, amqp.exceptions.AMQPError)
"""What a lost, refused or silent broker raises."""


class BrokerAwayError(TemporarilyUnavailableError):
    """The broker did not take or confirm in time; what was sent may or may not have arrived."""

    code = "broker-away"

    def __init__(self, what: str, reason: str | None = None) -> None:
        """Say which step ran out of time, and keep a code for the log (``shared.bus.reasons``)."""
        super().__init__(f"The message broker did not {what} in time.")
        self.reason = reason


def open_connection(uri: str, *, heartbeat_s: int = HEARTBEAT_S) -> Any:
    """Open a connection and give py-amqp's object for it; certificate files are read now.

    Raises:
        TlsAddressError: The address asks for TLS that we do not do.
        OSError, amqp.exceptions.AMQPError: The broker is away or refuses (see ``CONNECTION_ERRORS``).
    """
    plain, tls = ClientTls.of(uri)
    kombu_connection = _Kombu(
        plain,
        transport=BufferedTransport,
        ssl=False if tls is None else tls.options(),
        heartbeat=heartbeat_s,
        connect_timeout=CONNECT_TIMEOUT_S,
        transport_options={"read_timeout": CONNECT_TIMEOUT_S, "write_timeout": CONNECT_TIMEOUT_S},
    )
    connection = kombu_connection.transport.establish_connection()
    # Reads wait as long as each caller says; writes never longer than this.
    connection.transport.sock.settimeout(CONNECT_TIMEOUT_S)
    return connection


def drop(connection: Any) -> None:
    """Let go of a connection without network traffic; safe on a dead, silent or blocked one."""
    if connection is not None:
        with contextlib.suppress(Exception):
            connection.collect()


def close(connection: Any, *, within_s: float = 2.0) -> None:
    """Close politely, but never wait longer than a moment."""
    try:
        connection.transport.sock.settimeout(within_s)
        connection.close()
    except Exception:  # noqa: BLE001  Closing is a courtesy; whatever fails, the socket goes.
        drop(connection)


def read_one(connection: Any, *, timeout_s: float) -> bool:
    """Handle one inbound frame; False when none came in time."""
    transport = connection.transport
    if transport.has_frame():
        # No wait, so no timeout to set on the socket and to take back.
        connection.on_inbound_frame(transport.read_frame())
        return True
    try:
        connection.blocking_read(timeout_s)
    except TimeoutError:
        return False
    return True


@contextlib.contextmanager
def corked(connection: Any) -> Iterator[None]:
    """Collect all frames written inside and send them in one write; a third of a publisher's cost."""
    transport = connection.transport
    chunks: list[bytes] = []
    plain = transport._write  # noqa: SLF001  py-amqp has no public way to coalesce frames.

    def keep(frame: bytes) -> None:
        chunks.append(bytes(frame))  # py-amqp reuses the buffer, so it is copied.

    transport._write = keep  # noqa: SLF001
    try:
        yield
    finally:
        transport._write = plain  # noqa: SLF001
    if chunks:
        transport.write(b"".join(chunks))
