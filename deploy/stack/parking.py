"""The operator's way to parked messages: look, hand back, or give up; the service does the rest."""

import time
from typing import Any

import amqp

from deploy.provision.credentials import Vault
from deploy.stack.stack import NoSuchTenantError, Stack
from shared.bus.codec import ATTEMPT, ORIGIN_USER, Envelope
from shared.bus.connection import close, open_connection
from shared.bus.publisher import Outgoing, Publisher
from shared.bus.topology import RETRY_RETURN, UNROUTED, Subscription, Topology, parking_queue, topology_of
from shared.kernel.errors import NotFoundError
from shared.kernel.tenancy import RESERVED, TenantId, vhost_name
from shared.outbox.fates import DISCARD, REASON, user_name

_LOOK_LIMIT = 500
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
        self._user = user_name(identity, "operator")
        password = Vault.of(stack.layout.secrets_dir, identity).password("amqp-operator")
        self._uri = stack.engines.rabbit.amqp_url(user=self._user, password=password, vhost=vhost_name(identity))

    def messages(self) -> list[dict[str, Any]]:
        """Give what is parked, with reasons."""
        return [_row(service, message) for service, message in self._look()]

    def message(self, message_id: str) -> dict[str, Any]:
        """Give one parked message; ``NotParkedError`` if there is none."""
        for service, message in self._look():
            if _id(message) == message_id:
                headers = {k: str(v) for k, v in (message.properties.get("application_headers") or {}).items()}
                return {**_row(service, message), "headers": headers, "body_bytes": len(message.body)}
        raise NotParkedError

    def send_back(self, message_id: str, *, discard: bool) -> None:
        """Hand a message back to its service, to be handled or to be given up; then take it from here."""
        connection = open_connection(self._uri)
        try:
            channel = connection.channel()
            for service in self._services():
                for message in _drain(channel, parking_queue(service)):
                    if _id(message) == message_id:
                        self._publish(service, message, discard=discard)
                        channel.basic_ack(message.delivery_tag)
                        return
        finally:
            # What was only looked at goes back to its place.
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
                event_type = str((message.properties.get("application_headers") or {}).get("ce-type", ""))
                services = self._hearing(event_type)
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
        event_type = str(headers.get("ce-type", ""))
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


def _id(message: Any) -> str:
    return str(message.properties.get("message_id") or f"tag-{message.delivery_tag}")


def _row(service: str, message: Any) -> dict[str, Any]:
    headers = message.properties.get("application_headers") or {}
    return {
        "id": _id(message),
        "service": service,
        "type": str(headers.get("ce-type", "unreadable"))[:80],
        "reason": str(headers.get(REASON, "delivery-limit"))[:80],
        "attempts": headers.get(ATTEMPT, 0),
    }
