"""Every exchange, queue and binding of a vhost, made of who hears whom (``shared.bus.subscriptions``).

One quorum queue for each (consuming service, source service): ``q.<service>.<source>``. Only the
provisioner declares; a process checks that what its services need (``Topology.needs``) is there. More than
that is no fault, so that old and new processes run side by side while a version is rolled out
(``tests/kernel/test_topology.py``).

Limit: RabbitMQ's passive declare does not compare arguments (measured), so ``doctor`` and the
provisioner compare the real ones.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from shared.bus.names import (
    INTEGRATORS,
    KEPT_POLICY,
    PARKING,
    RETRY,
    RETRY_RETURN,
    TO_ALL,
    TO_HOSTS,
    UNROUTED,
    events_exchange,
    host_queue,
    marker_exchange,
    parking_queue,
    retry_key,
    retry_queue,
)
from shared.bus.queue_arguments import LATER_ARGUMENTS, kept, kept_policy, rung, working
from shared.bus.subscriptions import HEARD, INBOX_OF, Subscription
from shared.contracts.marks import AUDITS
from shared.kernel.tenancy import BOARD, TenantId, services_of, vhost_name


@dataclass(frozen=True, kw_only=True)
class RetryLadder:
    """How often and after which waits a failing message is tried again before it is parked.

    Attributes:
        delays_ms: One wait for each further attempt; after the last the message is parked.
    """

    delays_ms: tuple[int, ...] = (1_000, 10_000, 10_000, 60_000, 60_000)

    @property
    def rungs_ms(self) -> tuple[int, ...]:
        """The different waits, each of which has a queue for each consuming service."""
        return tuple(sorted(set(self.delays_ms)))


@dataclass(frozen=True, kw_only=True)
class Topology:
    """What stands in one vhost.

    Attributes:
        services: The services whose workers live there.
        ladder: Waits between attempts; part of the topology, since each wait is a queue.
    """

    tenant_id: TenantId
    services: tuple[str, ...]
    ladder: RetryLadder = field(default_factory=RetryLadder)

    @property
    def vhost(self) -> str:
        """Name of the vhost."""
        return vhost_name(self.tenant_id)

    @cached_property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every queue that a service of this vhost reads."""
        found = [
            Subscription(service=service, source=source, events=events)
            for service in self.services
            if service != "audit"
            for source, events in HEARD.get(service, {}).items()
            if source in self.services or (service, source) in INBOX_OF
        ]
        if "audit" in self.services:
            more = HEARD["audit"]
            found += [
                Subscription(service="audit", source=s, events=(AUDITS[s], *more.get(s, ()))) for s in self.services
            ]
        return tuple(found)

    def consumers_of(self, event_type: str) -> tuple[str, ...]:
        """Which services of this vhost hear an event type stated in it."""
        return self._consumers.get(event_type, ())

    @cached_property
    def _consumers(self) -> Mapping[str, tuple[str, ...]]:
        """Event type to the services that hear it; the relay asks for each event."""
        found: dict[str, tuple[str, ...]] = {}
        for subscription in self.subscriptions:
            if not subscription.external:
                for event in subscription.events:
                    found[event.event_type] = (*found.get(event.event_type, ()), subscription.service)
        return found

    def subscription(self, service: str, source: str) -> Subscription:
        """Give one subscription; unknown ones are a programming error."""
        return next(s for s in self.subscriptions if (s.service, s.source) == (service, source))

    @property
    def exchanges(self) -> Mapping[str, tuple[str, Mapping[str, object]]]:
        """Exchange name to (type, arguments)."""
        return {**self._working_exchanges(), self.marker: ("fanout", {})}

    @property
    def queues(self) -> Mapping[str, Mapping[str, object]]:
        """Queue name to arguments; all are durable quorum queues."""
        made: dict[str, Mapping[str, object]] = {UNROUTED: kept()}
        for subscription in self.subscriptions:
            made[subscription.queue] = working(subscription.service)
        for service in sorted({s.service for s in self.subscriptions}):
            made[parking_queue(service)] = kept()
            for delay_ms in self.ladder.rungs_ms:
                made[retry_queue(service, delay_ms)] = rung(delay_ms)
        return made

    @property
    def bindings(self) -> tuple[tuple[str, str, str], ...]:
        """(exchange, queue, routing key) of every binding."""
        made: list[tuple[str, str, str]] = [(UNROUTED, UNROUTED, "")]
        for subscription in self.subscriptions:
            made += [(subscription.exchange, subscription.queue, key) for key in subscription.routing_keys]
            made.append((RETRY_RETURN, subscription.queue, f"*.{subscription.service}.{subscription.source}"))
        for service in sorted({s.service for s in self.subscriptions}):
            made.append((PARKING, parking_queue(service), service))
            for delay in self.ladder.rungs_ms:
                made.append((RETRY, retry_queue(service, delay), retry_key(service, "*", delay)))
        return tuple(made)

    @property
    def policies(self) -> Mapping[str, Mapping[str, object]]:
        """Policy name to what the broker is told; the delivery limit also of queues that an older version made."""
        return {KEPT_POLICY: kept_policy()}

    @cached_property
    def hash(self) -> str:
        """SHA-256 over names, arguments and bindings, without the marker."""
        return hashlib.sha256(json.dumps([self.tenant_id, sorted(self._items())]).encode()).hexdigest()

    @cached_property
    def holds(self) -> frozenset[str]:
        """A short digest of each thing that stands in the vhost once it is provisioned."""
        return frozenset(map(_digest, self._items()))

    def needs(self, service: str) -> frozenset[str]:
        """Digests of what one service's processes need: its own queues, and those that hear it."""
        queues = {s.queue for s in self.subscriptions if service in (s.service, s.source)}
        queues |= {UNROUTED, *self._own_queues(service)}
        exchanges = {UNROUTED, RETRY, RETRY_RETURN, PARKING, events_exchange(service)}
        exchanges |= {s.exchange for s in self.subscriptions if s.service == service}
        return frozenset(
            _digest(item)
            for item in self._items()
            if item[1] in (queues if item[0] == "queue" else exchanges if item[0] == "exchange" else ())
            or (item[0] == "binding" and item[2] in queues)
        )

    def needed_queues(self, service: str) -> tuple[str, ...]:
        """Names of the queues that a service's worker reads or writes to."""
        return (*(s.queue for s in self.subscriptions if s.service == service), *self._own_queues(service))

    def _own_queues(self, service: str) -> tuple[str, ...]:
        if not any(s.service == service for s in self.subscriptions):
            return ()
        return (parking_queue(service), *(retry_queue(service, delay) for delay in self.ladder.rungs_ms))

    def _items(self) -> list[tuple[str, ...]]:
        queues = [
            (
                "queue",
                name,
                json.dumps({k: v for k, v in arguments.items() if k not in LATER_ARGUMENTS}, sort_keys=True),
            )
            for name, arguments in self.queues.items()
        ]
        exchanges = [
            ("exchange", name, kind, json.dumps(dict(arguments), sort_keys=True))
            for name, (kind, arguments) in self._working_exchanges().items()
        ]
        return [*queues, *exchanges, *(("binding", *binding) for binding in self.bindings)]

    @property
    def marker(self) -> str:
        """An exchange that only says: this vhost is this tenant's."""
        return marker_exchange(self.tenant_id)

    def _working_exchanges(self) -> dict[str, tuple[str, Mapping[str, object]]]:
        facts = {"alternate-exchange": UNROUTED}
        made: dict[str, tuple[str, Mapping[str, object]]] = {
            events_exchange(s): ("topic", facts) for s in self.services
        }
        made[UNROUTED] = ("fanout", {})
        made[RETRY] = made[RETRY_RETURN] = made[PARKING] = ("topic", {})
        # No alternate exchange here: what a courier brings must be routed, or be refused (mandatory).
        for inbox in sorted({INBOX_OF[s.service, s.source] for s in self.subscriptions if s.external}):
            made[inbox] = ("topic", {})
        if "integrations" in self.services:
            made[INTEGRATORS] = ("direct", {})
        if self.tenant_id == BOARD:
            made[TO_HOSTS] = ("topic", {})
        return made


def _digest(item: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps(item).encode()).hexdigest()[:16]


def topology_of(tenant: TenantId, ladder: RetryLadder | None = None) -> Topology:
    """Give the topology of a tenant's vhost."""
    return Topology(tenant_id=tenant, services=services_of(tenant), ladder=ladder or RetryLadder())


def host_bindings(tenant: TenantId) -> tuple[tuple[str, str, str], ...]:
    """Give (exchange, queue, routing key) of what the board has for one host: notices to all, and its own."""
    return tuple((TO_HOSTS, host_queue(tenant), f"{addressee}.#") for addressee in (TO_ALL, tenant))
