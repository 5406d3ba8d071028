"""What becomes of a message that could not be handled: another try later, or the parking queue.

Both are confirmed publishes before the original is acknowledged, so a crash between the two can
duplicate, never lose. A parked message keeps its bytes, its headers and the reason.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.bus.codec import Envelope
from shared.bus.deliveries import Delivery
from shared.bus.names import (
    ANY_COURIER,
    ATTEMPT,
    DEATHS_HEADER,
    DELIVERIES_HEADER,
    DISCARD,
    ORIGIN_USER,
    PARKED_QUEUE,
    PARKING,
    REASON,
    RETRY,
    courier_user,
    retry_key,
    user_name,
)
from shared.bus.publisher import Outgoing, Publisher
from shared.bus.subscriptions import Subscription
from shared.bus.topology import RetryLadder
from shared.kernel.tenancy import TenantId

_CARRIED = ("content_type", "content_encoding", "delivery_mode", "message_id", "type", "app_id", "timestamp")


@dataclass(frozen=True, kw_only=True)
class BrokerUsers:
    """Which broker user may speak for which source in this vhost.

    Attributes:
        own: The consuming service's own user; its retries come back under it.
        operator: The person who replays or discards parked messages.
    """

    tenant_id: TenantId
    own: str
    operator: str

    def allowed(self, subscription: Subscription) -> frozenset[str]:
        """Give the users that may speak for a subscription's source."""
        if not subscription.external:
            return frozenset({user_name(self.tenant_id, subscription.source)})
        if subscription.source == "hosts":
            return frozenset({ANY_COURIER})
        # A tenant's own courier puts in what it pulled; board and custodian each know the other's.
        sender = self.tenant_id if subscription.source == "centre" else subscription.source
        return frozenset({courier_user(sender)})


class Fates:
    """Publishes to the retry ladder and the parking queue of one service."""

    def __init__(self, *, publisher: Publisher, service: str, ladder: RetryLadder, users: BrokerUsers) -> None:
        """Keep the publisher; it opens its connection at the first failure."""
        self._publisher = publisher
        self._service = service
        self._ladder = ladder
        self._lock = threading.Lock()  # One service hears several sources, over one publisher.
        self.users = users

    def retry(self, subscription: Subscription, delivery: Delivery, *, reason: str) -> bool:
        """Put a message on the next rung; False when there is none left.

        Raises:
            BrokerAwayError: It was not confirmed; the original must not be acknowledged.
        """
        attempt = _attempt(delivery)
        if attempt >= len(self._ladder.delays_ms):
            return False
        delay = self._ladder.delays_ms[attempt]
        key = retry_key(subscription.service, subscription.source, delay)
        self._publish([self._outgoing(RETRY, key, delivery, {ATTEMPT: attempt + 1, REASON: reason})])
        return True

    def send_apart(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        """Let events of a bundle come again in messages of their own; no rung of their ladder is used up.

        Raises:
            BrokerAwayError: Not all were confirmed; the bundle must not be acknowledged.
        """
        key = retry_key(subscription.service, subscription.source, self._ladder.rungs_ms[0])
        self._publish([self._outgoing(RETRY, key, d, {ATTEMPT: _attempt(d)}) for d in deliveries])

    def park(self, delivery: Delivery, *, reason: str) -> None:
        """Put a message where a person decides about it.

        Raises:
            BrokerAwayError: It was not confirmed; the original must not be acknowledged.
        """
        extra = {REASON: reason, PARKED_QUEUE: delivery.routing_key, ATTEMPT: _attempt(delivery)}
        self._publish([self._outgoing(PARKING, self._service, delivery, extra)])

    def _publish(self, messages: Sequence[Outgoing]) -> None:
        with self._lock:
            self._publisher.publish(messages)

    def _outgoing(self, exchange: str, routing_key: str, delivery: Delivery, extra: dict[str, Any]) -> Outgoing:
        user = delivery.properties.get("user_id")
        origin = delivery.headers.get(ORIGIN_USER) if user in (self.users.own, self.users.operator) else user
        # How often another message was delivered says nothing about this one.
        headers = {k: v for k, v in delivery.headers.items() if not k.startswith((DEATHS_HEADER, DELIVERIES_HEADER))}
        headers.pop(ORIGIN_USER, None)
        if user not in (self.users.own, self.users.operator):
            # Only the operator gives a message up; under our own user a source's word would look like the operator's.
            headers.pop(DISCARD, None)
        if isinstance(origin, str):
            headers[ORIGIN_USER] = origin
        properties = {k: delivery.properties[k] for k in _CARRIED if k in delivery.properties}
        properties |= {"user_id": self.users.own, "delivery_mode": 2}
        envelope = Envelope(
            routing_key=routing_key, headers={**headers, **extra}, properties=properties, body=delivery.body
        )
        return Outgoing(exchange=exchange, envelope=envelope, mandatory=True)


def _attempt(delivery: Delivery) -> int:
    value = delivery.headers.get(ATTEMPT, 0)
    return value if isinstance(value, int) and value >= 0 else 0
