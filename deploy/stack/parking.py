"""The operator's way to parked messages: look, hand back, or give up; the service does the rest.

Promise: an id names the same message whenever it is asked for, whatever was done with others meanwhile
(``tests/kernel/test_parking.py``). It is the message's own id; where that is missing, or another message stands
here under the same one, it is or ends in a digest of the message.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import amqp

from deploy.provision.credentials import Vault
from deploy.stack.stack import NoSuchTenantError, Stack
from shared.bus.codec import Envelope
from shared.bus.connection import close, open_connection
from shared.bus.names import (
    ATTEMPT,
    CE_TYPE,
    DEATHS_HEADER,
    DELIVERIES_HEADER,
    DISCARD,
    OPERATOR,
    ORIGIN_USER,
    PARKED_QUEUE,
    REASON,
    RETRY_RETURN,
    UNROUTED,
    parking_queue,
    user_name,
)
from shared.bus.publisher import Outgoing, Publisher
from shared.bus.subscriptions import Subscription
from shared.bus.topology import Topology, topology_of
from shared.kernel.errors import NotFoundError
from shared.kernel.tenancy import RESERVED, TenantId, vhost_name

_LOOK_LIMIT = 500
_LONGEST_ID = 64
_DIGEST_DIGITS = 12
_PLACES = frozenset({REASON, ATTEMPT, ORIGIN_USER, PARKED_QUEUE, DEATHS_HEADER, DELIVERIES_HEADER})
"""Headers that say what became of a message, not what it is."""
_CARRIED = ("content_type", "content_encoding", "message_id", "type", "app_id")


class NotParkedError(NotFoundError):
    """No parked message has this id."""

    code = "not-parked"

    def __init__(self) -> None:
        """Say how to see what there is."""
        super().__init__("No parked message has this id. See: alongside parked list")


class ParkingLot:
    """Parked messages of one tenant."""

    def __init__(self, stack: Stack, tenant: str) -> None:
        """Use the tenant's own operator user.

        Raises:
            NoSuchTenantError: The stack has no such tenant.
        """
        if stack.state.find(tenant) is None and tenant not in RESERVED:
            raise NoSuchTenantError
        identity = TenantId(tenant)
        self._tenant = identity
        self._topology: Topology = topology_of(identity)
        self._user = user_name(identity, OPERATOR)
        password = Vault.of(stack.layout.secrets_dir, identity).password("amqp-operator")
        self._uri = stack.engines.rabbit.amqp_url(user=self._user, password=password, vhost=vhost_name(identity))

    def messages(self) -> list[dict[str, Any]]:
        """Give what is parked, with reasons."""
        return _rows(self._look())

    def unrouted(self) -> list[dict[str, Any]]:
        """Give what no queue was bound for; those that a service hears now can be handed over."""
        connection = open_connection(self._uri)
        try:
            found = [("", message) for message in _drain(connection.channel(), UNROUTED)]
        finally:
            close(connection)
        return [
            {**row, "service": ", ".join(self._hearing(row["type"])) or "nobody", "reason": "unrouted"}
            for row in _rows(found)
        ]

    def message(self, message_id: str) -> dict[str, Any]:
        """Give one parked message; ``NotParkedError`` if there is none."""
        for service, message in self._look():
            if _is(message, message_id):
                headers = {k: str(v) for k, v in (message.properties.get("application_headers") or {}).items()}
                return {**_row(service, message, message_id), "headers": headers, "body_bytes": len(message.body)}
        raise NotParkedError

    def send_back(self, message_id: str, *, discard: bool) -> None:
        """Hand a message back to its service, to be handled or to be given up; then take it from here."""
        connection = open_connection(self._uri)
        try:
            channel = connection.channel()
            for service in self._services():
                for message in _drain(channel, parking_queue(service)):
                    if _is(message, message_id):
                        self._publish(service, message, discard=discard)
                        channel.basic_ack(message.delivery_tag)
                        return
        finally:
            # What was only looked at goes back to its place.
            close(connection)
        raise NotParkedError

    def give_up_unrouted(self, message_id: str) -> None:
        """Give up a message that no queue was bound for; each service that hears it notes that, or else audit.

        Raises:
            NotParkedError: No such message stands among the unrouted.
        """
        connection = open_connection(self._uri)
        try:
            channel = connection.channel()
            for message in _drain(channel, UNROUTED):
                if not _is(message, message_id):
                    continue
                services = self._hearing(_type(message))
                for service in services or self._services()[:1]:
                    self._publish(service, message, discard=True)
                channel.basic_ack(message.delivery_tag)
                return
        finally:
            close(connection)
        raise NotParkedError

    def hand_over_unrouted(self) -> dict[str, int]:
        """Hand what nobody heard to every service that hears its type now, as it is: numbers, ids and order keys.

        A message that a service knows already has no second effect there. One that still nobody hears stays.

        Returns:
            ``handed_over`` and ``left``, messages.
        """
        connection = open_connection(self._uri)
        handed = left = 0
        try:
            channel = connection.channel()
            for message in _drain(channel, UNROUTED):
                services = self._hearing(_type(message))
                for service in services:
                    self._publish(service, message, discard=False)
                if services:
                    channel.basic_ack(message.delivery_tag)
                handed, left = handed + bool(services), left + (not services)
        finally:
            close(connection)
        return {"handed_over": handed, "left": left}

    def _hearing(self, event_type: str) -> list[str]:
        return sorted({s.service for s in self._topology.subscriptions if _hears(s, event_type)})

    def _publish(self, service: str, message: Any, *, discard: bool) -> None:
        headers = dict(message.properties.get("application_headers") or {})
        headers[ATTEMPT] = 0
        headers.pop(REASON, None)
        # What the broker itself put here (unrouted, delivery limit) still has its author's user, proven by the broker.
        headers.setdefault(ORIGIN_USER, message.properties.get("user_id", ""))
        if discard:
            headers[DISCARD] = True
        event_type = str(headers.get(CE_TYPE, ""))
        source = self._source(service, event_type)
        properties = {k: message.properties[k] for k in _CARRIED if k in message.properties}
        envelope = Envelope(
            routing_key=f"0ms.{service}.{source}",
            headers=headers,
            properties={**properties, "user_id": self._user, "delivery_mode": 2},
            body=message.body if isinstance(message.body, bytes) else message.body.encode(),
        )
        publisher = Publisher(self._uri)
        publisher.publish([Outgoing(exchange=RETRY_RETURN, envelope=envelope, mandatory=True)])
        publisher.close()

    def _source(self, service: str, event_type: str) -> str:
        for subscription in self._topology.subscriptions:
            if subscription.service == service and _hears(subscription, event_type):
                return subscription.source
        return next(s.source for s in self._topology.subscriptions if s.service == service)

    def _services(self) -> list[str]:
        return sorted({s.service for s in self._topology.subscriptions})

    def _look(self) -> list[tuple[str, Any]]:
        connection = open_connection(self._uri)
        try:
            channel = connection.channel()
            return [(s, m) for s in self._services() for m in _drain(channel, parking_queue(s))]
        finally:
            close(connection)


def _hears(subscription: Subscription, event_type: str) -> bool:
    # Of what comes from outside, the binding has the sender before the type; marks stand in bindings alone.
    return event_type in {*(e.event_type for e in subscription.events), *subscription.routing_keys}


def _drain(channel: Any, queue: str) -> list[Any]:
    channel.auto_decode = False
    found: list[Any] = []
    deadline = time.monotonic() + 10.0
    while len(found) < _LOOK_LIMIT and time.monotonic() < deadline:
        message: amqp.Message | None = channel.basic_get(queue)
        if message is None:
            break
        found.append(message)
    return found


def _headers(message: Any) -> Mapping[str, Any]:
    return message.properties.get("application_headers") or {}


def _type(message: Any) -> str:
    return str(_headers(message).get(CE_TYPE, "unreadable"))[:80]


def _digest(message: Any) -> str:
    """Give a digest of what a message is, wherever it stands and whatever became of it."""
    body = message.body if isinstance(message.body, bytes) else message.body.encode()
    headers = {key: str(value) for key, value in _headers(message).items() if key not in _PLACES}
    said = json.dumps([str(message.properties.get("message_id")), headers], sort_keys=True).encode()
    return hashlib.sha256(said + b"\0" + body).hexdigest()[:_DIGEST_DIGITS]


def _own_id(message: Any) -> str | None:
    """Give the id that its sender gave a message, if a person can type it."""
    found = message.properties.get("message_id")
    fits = isinstance(found, str) and 0 < len(found) <= _LONGEST_ID and found.isascii() and found.isprintable()
    return found if fits and "#" not in found and " " not in found else None


def _is(message: Any, message_id: str) -> bool:
    own, digest = _own_id(message), _digest(message)
    return message_id in (f"{own or ''}#{digest}", own)


def _rows(found: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Give a row a message; where two have one id of their own, a digest tells them apart."""
    found = list(found)
    seen = Counter(_own_id(message) for _, message in found)
    rows = []
    for service, message in found:
        own = _own_id(message)
        shown = own if own is not None and seen[own] == 1 else f"{own or ''}#{_digest(message)}"
        rows.append(_row(service, message, shown))
    return rows


def _row(service: str, message: Any, shown_id: str) -> dict[str, Any]:
    headers = _headers(message)
    return {
        "id": shown_id,
        "service": service,
        "type": _type(message),
        "reason": str(headers.get(REASON, "delivery-limit"))[:80],
        "attempts": headers.get(ATTEMPT, 0),
    }
