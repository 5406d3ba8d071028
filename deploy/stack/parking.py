"""The operator's way to parked messages: look, hand back, or give up; the service does the rest.

Promise: an id names the same message whenever it is asked for, whatever was done with others meanwhile
(``tests/kernel/test_parking.py``). It is the message's own id; where that is missing, or another message stands
here under the same one, it is or ends in a digest of the message.
"""

import time
from collections.abc import Sequence
from typing import Any

import amqp
from pymongo import MongoClient

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.provision.credentials import Vault
from deploy.stack.errors import NoSuchTenantError
from deploy.stack.parked_rows import digest_of, is_called, row_of, rows_of, type_of
from deploy.stack.stack import Stack
from shared.bus.codec import Envelope
from shared.bus.connection import CONNECTION_ERRORS, BrokerAwayError, close, open_connection
from shared.bus.names import (
    ATTEMPT,
    CE_TYPE,
    DISCARD,
    OPERATOR,
    ORIGIN_USER,
    REASON,
    RETRY_RETURN,
    UNROUTED,
    parking_queue,
    retry_key,
    user_name,
)
from shared.bus.publisher import Outgoing, Publisher, UnroutableError
from shared.bus.subscriptions import Subscription
from shared.bus.topology import Topology, topology_of
from shared.kernel.errors import NotFoundError, RuleViolationError, TemporarilyUnavailableError
from shared.kernel.tenancy import RESERVED, TenantId, vhost_name
from shared.outbox.machinery import Missed

_LOOK_LIMIT = 500
_CARRIED = ("content_type", "content_encoding", "message_id", "type", "app_id")


_NOT_TAKEN: tuple[type[Exception], ...] = (*CONNECTION_ERRORS, BrokerAwayError, UnroutableError)


class NotParkedError(NotFoundError):
    """No parked message has this id."""

    code = "not-parked"

    def __init__(self) -> None:
        """Say how to see what there is."""
        super().__init__("No parked message has this id. See: alongside parked list")


class TwoMessagesError(RuleViolationError):
    """Two different messages bear one id, as where one of them is forged."""

    code = "two-messages"

    def __init__(self) -> None:
        """Say how to name one."""
        super().__init__(
            "Two different messages bear this id, and nothing was given up. Name the one by its whole id, with the "
            "sign # in it. See: alongside parked list"
        )


class StillParkedError(TemporarilyUnavailableError):
    """A message was given up at some services and still stands at others."""

    code = "still-parked"

    def __init__(self, done: Sequence[str], left: Sequence[str]) -> None:
        """Name them, so that the operator knows what is decided and what is not."""
        where = f"It was given up at {', '.join(done)}." if done else "It was given up nowhere."
        super().__init__(
            f"{where} It is still parked at {', '.join(left)}, because the message broker did not take the decision. "
            "Give the same command again."
        )


class MoreParkedError(RuleViolationError):
    """More is parked than is looked at in one go, so a message may stand where nobody looked."""

    code = "more-parked"

    def __init__(self, services: Sequence[str], done: Sequence[str] = ()) -> None:
        """Name where not everything was seen, and what is decided already."""
        where = f"It was given up at {', '.join(done)}. " if done else ""
        super().__init__(
            f"{where}At {', '.join(services)} more is parked than is looked at in one go, and not all of it was seen. "
            "Decide on what is shown by: alongside parked list. Then give the same command again."
        )


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
        self._database_uri = stack.engines.mongod.admin_uri()

    def messages(self) -> list[dict[str, Any]]:
        """Give what is parked, with reasons."""
        return rows_of(self._look())

    def unrouted(self) -> list[dict[str, Any]]:
        """Give what no queue was bound for; those that a service hears now can be handed over."""
        connection = open_connection(self._uri)
        try:
            found = [("", message) for message in _drain(connection.channel(), UNROUTED)]
        finally:
            close(connection)
        return [
            {**row, "service": ", ".join(self._hearing(row["type"])) or "nobody", "reason": "unrouted"}
            for row in rows_of(found)
        ]

    def message(self, message_id: str) -> dict[str, Any]:
        """Give one parked message; ``NotParkedError`` if there is none."""
        for service, message in self._look():
            if is_called(message, message_id):
                headers = {k: str(v) for k, v in (message.properties.get("application_headers") or {}).items()}
                return {**row_of(service, message, message_id), "headers": headers, "body_bytes": len(message.body)}
        raise NotParkedError

    def give_up(self, message_id: str) -> tuple[str, ...]:
        """Give up a message at every service where it is parked: one decision, which each of them audits.

        Returns:
            The services.

        Raises:
            NotParkedError: It is parked nowhere.
            MoreParkedError: It was given up wherever it was seen; it may stand where not everything was.
            TwoMessagesError: Two different messages bear this id; nothing was given up.
            StillParkedError: At some it was given up, and at some it was not; it names both.
        """
        connection = open_connection(self._uri)
        done: list[str] = []
        try:
            channel = connection.channel()
            found: list[tuple[str, Any]] = []
            unseen: list[str] = []
            for service in self._services():
                called = [m for m in _drain(channel, parking_queue(service)) if is_called(m, message_id)]
                found += [(service, message) for message in called]
                if not called and _has_more(channel, parking_queue(service)):
                    unseen.append(service)
            if not found and not unseen:
                raise NotParkedError
            if len({digest_of(message) for _, message in found}) > 1:
                raise TwoMessagesError
            for service, message in found:
                try:
                    self._publish(service, message, discard=True)
                    channel.basic_ack(message.delivery_tag)
                except _NOT_TAKEN as error:
                    raise StillParkedError(done, [one for one, _ in found[len(done) :]]) from error
                done.append(service)
            if unseen:
                raise MoreParkedError(unseen, done)
        finally:
            # What was only looked at goes back to its place.
            close(connection)
        return tuple(dict.fromkeys(done))

    def send_back(self, message_id: str) -> None:
        """Hand a message back to its service, to be handled again; then take it from here."""
        connection = open_connection(self._uri)
        try:
            channel = connection.channel()
            for service in self._services():
                for message in _drain(channel, parking_queue(service)):
                    if is_called(message, message_id):
                        self._publish(service, message, discard=False)
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
                if not is_called(message, message_id):
                    continue
                services = self._hearing(type_of(message))
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
                services = self._hearing(type_of(message))
                for service in services:
                    self._publish(service, message, discard=False)
                if services:
                    channel.basic_ack(message.delivery_tag)
                handed, left = handed + bool(services), left + (not services)
        finally:
            close(connection)
        return {"handed_over": handed, "left": left}

    def send_missed(self) -> dict[str, int]:
        """Send each service alone what it lacks of what others were sent: ids, numbers and order keys as they were.

        So it takes effect once, however often this is done (``tests/kernel/test_missed.py``). What stands parked is
        left to whoever decides on it.

        Returns:
            ``sent_again`` and ``left``, messages.

        Raises:
            MoreParkedError: What is parked could not all be seen; nothing was sent.
        """
        parked = {(service, message.properties.get("message_id")) for service, message in self._look(whole=True)}
        missing = sent = 0
        publisher = Publisher(self._uri)
        client: MongoClient[dict[str, Any]] = MongoClient(
            self._database_uri, tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS
        )
        try:
            missed = Missed(client=client, tenant_id=self._tenant, broker_user=self._user)
            for subscription in (s for s in self._topology.subscriptions if not s.external):
                gaps = missed.gaps(subscription)
                missing += sum(high - low + 1 for low, high in gaps)
                for made in missed.again(subscription, gaps):
                    again = [e for e in made if (subscription.service, e.properties["message_id"]) not in parked]
                    publisher.publish([Outgoing(exchange=RETRY_RETURN, envelope=e, mandatory=True) for e in again])
                    sent += len(again)
        finally:
            publisher.close()
            client.close()
        return {"sent_again": sent, "left": missing - sent}

    def _hearing(self, event_type: str) -> list[str]:
        return sorted({s.service for s in self._topology.subscriptions if _hears(s, event_type)})

    def _publish(self, service: str, message: Any, *, discard: bool) -> None:
        headers = dict(message.properties.get("application_headers") or {})
        headers[ATTEMPT] = 0
        headers.pop(REASON, None)
        user = message.properties.get("user_id", "")
        if user not in (self._user, user_name(self._tenant, service)):
            # What the broker itself put here (unrouted, delivery limit) has its author's user, which the broker proved;
            # whatever its headers say of another is the author's own word.
            headers.pop(ORIGIN_USER, None)
        headers.setdefault(ORIGIN_USER, user)
        # To give a message up is decided here and now, neither by its author nor by an earlier try.
        headers.pop(DISCARD, None)
        if discard:
            headers[DISCARD] = True
        event_type = str(headers.get(CE_TYPE, ""))
        source = self._source(service, event_type)
        properties = {k: message.properties[k] for k in _CARRIED if k in message.properties}
        envelope = Envelope(
            routing_key=retry_key(service, source, 0),
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

    def _look(self, *, whole: bool = False) -> list[tuple[str, Any]]:
        connection = open_connection(self._uri)
        try:
            channel = connection.channel()
            found = [(s, m) for s in self._services() for m in _drain(channel, parking_queue(s))]
            unseen = [s for s in self._services() if whole and _has_more(channel, parking_queue(s))]
        finally:
            close(connection)
        if unseen:
            raise MoreParkedError(unseen)
        return found


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


def _has_more(channel: Any, queue: str) -> bool:
    """Whether something is left in a queue of which all that was looked at is still held."""
    return channel.basic_get(queue) is not None
