"""Publishes batches with pipelined confirms; every wait is bounded, under an alarm as well.

Promise: when ``publish`` returns, the broker holds every message of the batch durably, and each mandatory
one reached a queue. The deadline is one for silence: each confirm begins it anew, up to ``PUBLISH_LIMIT_S``
in all, so that a slow broker is no dead one.
Shown by tests/kernel/test_slow.py.
Limit: when it raises, some may have arrived; the caller sends
the same ids again.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import amqp
from amqp import spec

from shared.bus.codec import Envelope
from shared.bus.connection import (
    CONNECTION_ERRORS,
    BrokerAwayError,
    close,
    corked,
    drop,
    open_connection,
    read_one,
)
from shared.bus.reasons import reason_of
from shared.bus.tls import TlsWatch
from shared.kernel.errors import TemporarilyUnavailableError

CONFIRM_TIMEOUT_S = 5.0
PUBLISH_LIMIT_S = 60.0
_CHUNK = 200


class UnroutableError(TemporarilyUnavailableError):
    """A mandatory message reached no queue; it counts as not sent."""

    code = "unroutable"

    def __init__(self, returned: Sequence[tuple[str, str]]) -> None:
        """Name the routing keys, which hold event types only; keep the ids of the messages."""
        routing_keys = sorted({routing_key for routing_key, _ in returned})
        super().__init__(f"No queue takes {', '.join(routing_keys)}; run the provisioner.")
        self.message_ids = tuple(message_id for _, message_id in returned)


class NotTakenError(BrokerAwayError):
    """The broker answered that it does not take a message, such as for a queue that is full."""

    def __init__(self) -> None:
        """Say what it did not."""
        super().__init__("take the message")


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message and the exchange it goes to."""

    exchange: str
    envelope: Envelope
    mandatory: bool = False


class Publisher:
    """One connection and channel for publishing, opened when needed and reopened after any failure.

    Not for use by two threads at once.
    """

    def __init__(self, uri: str, *, confirm_timeout_s: float = CONFIRM_TIMEOUT_S) -> None:
        """Remember the address; nothing is opened yet."""
        self._uri = uri
        self._tls = TlsWatch(uri)
        self._confirm_timeout_s = confirm_timeout_s
        self._connection: Any = None
        self._channel: Any = None
        self._published = 0
        self._unconfirmed: set[int] = set()
        self._refused = False
        self._returned: list[tuple[str, str]] = []

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish all and wait until all are confirmed.

        Raises:
            NotTakenError: The broker refused one, such as for a full queue; the connection is dropped.
            BrokerAwayError: Not all were confirmed in time; the connection is dropped.
            UnroutableError: A mandatory message came back; the others are confirmed.
        """
        try:
            self._ensure_open()
            for start in range(0, len(messages), _CHUNK):
                with corked(self._connection):
                    for message in messages[start : start + _CHUNK]:
                        self._send(message)
            self._wait_for_confirms()
        except CONNECTION_ERRORS as error:
            self.drop()
            raise BrokerAwayError("confirm", reason_of(error)) from error
        except BrokerAwayError:
            self.drop()
            raise
        if self._returned:
            returned, self._returned = tuple(self._returned), []
            raise UnroutableError(returned)

    def keep_alive(self) -> None:
        """Answer and send heartbeats; call it at least every few seconds while idle."""
        if self._connection is None:
            return
        if self._tls.is_outdated():
            self.close()
            return
        try:
            while read_one(self._connection, timeout_s=0.001):
                continue
            self._connection.heartbeat_tick()
        except CONNECTION_ERRORS:
            self.drop()

    def drop(self) -> None:
        """Let go of the connection without network traffic."""
        drop(self._connection)
        self._connection = self._channel = None

    def close(self) -> None:
        """Close politely."""
        if self._connection is not None:
            close(self._connection)
        self._connection = self._channel = None

    def _ensure_open(self) -> None:
        if self._connection is not None:
            if not self._tls.is_outdated():
                return
            self.close()
        self._tls.opened()
        connection = open_connection(self._uri)
        channel = connection.channel()
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        channel.events["basic_return"].add(self._on_return)
        self._connection, self._channel = connection, channel
        self._published, self._unconfirmed, self._refused, self._returned = 0, set(), False, []

    def _send(self, message: Outgoing) -> None:
        envelope = message.envelope
        content = amqp.Message(envelope.body, application_headers=dict(envelope.headers), **dict(envelope.properties))
        # Not basic_publish: that polls the socket for connection.blocked before each message (measured).
        self._channel.send_method(
            spec.Basic.Publish,
            "Bssbb",
            (0, message.exchange, envelope.routing_key, message.mandatory, False),
            content,
        )
        self._published += 1
        self._unconfirmed.add(self._published)

    def _wait_for_confirms(self) -> None:
        began = heard = time.monotonic()
        unconfirmed = len(self._unconfirmed)
        while self._unconfirmed:
            left = min(heard + self._confirm_timeout_s, began + PUBLISH_LIMIT_S) - time.monotonic()
            if left <= 0 or not read_one(self._connection, timeout_s=left):
                raise BrokerAwayError("confirm")
            if len(self._unconfirmed) < unconfirmed:
                heard, unconfirmed = time.monotonic(), len(self._unconfirmed)
        if self._refused:
            raise NotTakenError

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001  py-amqp's callback.
        if multiple:
            self._unconfirmed = {tag for tag in self._unconfirmed if tag > delivery_tag}
        else:
            self._unconfirmed.discard(delivery_tag)

    def _on_nack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001  py-amqp's callback.
        self._refused = True
        self._on_ack(delivery_tag, multiple)

    def _on_return(self, error: object, exchange: str, routing_key: str, message: Any) -> None:  # noqa: ARG002
        self._returned.append((routing_key, str(message.properties.get("message_id", ""))))
