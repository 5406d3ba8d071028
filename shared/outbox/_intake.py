"""What the inbox takes in: it reads a message, and knows one that is none of ours, or that a person gave up."""

from dataclasses import dataclass
from typing import Any

from shared.bus.codec import decode, stream_number
from shared.bus.deliveries import Delivery
from shared.bus.names import CE_TENANT, DISCARD, ORIGIN_USER
from shared.bus.subscriptions import Subscription
from shared.contracts.listed import check_listed
from shared.contracts.marks import Mark
from shared.kernel.errors import PoisonMessageError
from shared.kernel.messages import Received
from shared.outbox._fates import BrokerUsers

SECURITY_CODES = frozenset({"tenant-mismatch", "forged-source"})


@dataclass(frozen=True, kw_only=True)
class Item:
    """A message that is one of ours.

    Attributes:
        discard: Whether the operator gave it up: it counts as committed, and has no effect.
    """

    delivery: Delivery
    received: Received[Any]
    discard: bool

    @property
    def inbox_id(self) -> str:
        """What tells it from every other fact that this service hears."""
        tenant = self.delivery.headers[CE_TENANT]
        # The sender stands in the key: one host's id must not swallow another's (MassTransit 3543).
        return f"{self.received.event_id}/{tenant}/{self.received.event.source}"


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Reads messages for one service."""

    service: str
    users: BrokerUsers

    def decode(self, subscription: Subscription, delivery: Delivery) -> Item:
        """Read a message.

        Raises:
            PoisonMessageError: It is none of ours, or breaks its contract.
        """
        users = self.users
        tenants = None if subscription.external else frozenset({str(self.users.tenant_id)})
        received = decode(
            headers=delivery.headers,
            properties=delivery.properties,
            body=delivery.body,
            consumer=self.service,
            allowed_tenants=tenants,
            allowed_users=users.allowed(subscription),
            own_user=users.own,
            operator=users.operator,
        )
        discard = self.is_given_up(delivery)
        if type(received.event) not in subscription.events and not isinstance(received.event, Mark):
            raise PoisonMessageError("The queue does not take this event type.")
        if not discard:
            check_listed(received.event)
        return Item(delivery=delivery, received=received, discard=discard)

    def is_given_up(self, delivery: Delivery) -> bool:
        """Whether the operator, and nobody else, gave the message up; the service's own retry carries it on."""
        users = self.users
        given_up = delivery.headers.get(DISCARD) is True
        return given_up and delivery.properties.get("user_id") in (users.operator, users.own)

    def number_of(self, subscription: Subscription, delivery: Delivery) -> int | None:
        """Give the number that a message's source had given it, also where the rest of it is poison."""
        # A forger's number may be another message's, which would then seem committed.
        origin = delivery.headers.get(ORIGIN_USER)
        if not isinstance(origin, str) or origin not in self.users.allowed(subscription):
            return None
        try:
            return stream_number(delivery.headers, self.service)
        except PoisonMessageError:
            return None
