"""Publishes a batch: each message to its route's address, all confirmed, and what no queue took told apart.

Shown by tests/kernel/test_unrouted.py.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.bus.bundles import bundled
from shared.bus.codec import Envelope, encode
from shared.bus.publisher import Outgoing, Publisher, UnroutableError
from shared.kernel.tenancy import TenantId
from shared.outbox._batches import Batch
from shared.outbox._measuring import row_age_s
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import PUBLISH_BATCH, PUBLISH_LATENCY, PUBLISH_REFUSED, PUBLISHED
from shared.telemetry.metrics import counter, histogram
from shared.telemetry.traces import SpanKind, start_batch_span

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a row of one route goes.

    Attributes:
        exchange: Exchange for an event type.
        routing_prefix: Stands before the event type where the queue is another owner's.
        mandatory: True where no alternate exchange catches what nobody hears: it comes back, and is tried again.
    """

    publisher: Publisher
    exchange: Callable[[str], str]
    broker_user: str
    routing_prefix: str = ""
    mandatory: bool = False


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What became of a batch.

    Attributes:
        confirmed: Messages by route.
        reached: The last number that each consumer's stream has now.
        unrouted: Ids of the rows of which a message came back, since no queue takes it.
    """

    confirmed: Counter[str]
    reached: Mapping[str, int]
    unrouted: frozenset[str]


@dataclass(kw_only=True)
class _Post:
    """What one publisher has to carry, and the row of each message that may come back."""

    publisher: Publisher
    messages: list[Outgoing] = field(default_factory=list)
    rows: dict[str, str] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any], event: Mapping[str, Any], address: Address, envelope: Envelope) -> None:
        exchange = address.exchange(event["type"])
        self.messages.append(Outgoing(exchange=exchange, envelope=envelope, mandatory=address.mandatory))
        self.count[row["route"]] += 1
        if address.mandatory:
            self.rows[event["id"]] = row["_id"]


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Publishes for one relay of one service.

    Attributes:
        name: The relay's.
    """

    tenant_id: TenantId
    service: str
    name: str
    addresses: Mapping[str, Address]

    def send(self, batch: Batch, *, bundles: bool) -> Sent:
        """Publish a batch and wait for its confirms.

        Args:
            batch: Rows with their numbers.
            bundles: Whether several events may leave in one message.

        Raises:
            BrokerAwayError: Not all was confirmed.
        """
        with start_batch_span(
            f"{self.service} {self.name} publish",
            (row.get("traceparent") for row in batch.rows),
            kind=SpanKind.PRODUCER,
        ) as span:
            sent = self._send(batch, bundles=bundles)
            span.set(service=self.service, rows=len(batch.rows), published=sent.confirmed.total())
        for route, count in sent.confirmed.items():
            counter(PUBLISHED).add(count, service=self.service, route=route)
            oldest = next(row["_id"] for row in batch.rows if row["route"] == route)
            histogram(PUBLISH_LATENCY).record(row_age_s(oldest), service=self.service, route=route)
        if sent.confirmed:
            histogram(PUBLISH_BATCH).record(sent.confirmed.total(), service=self.service)
        if sent.unrouted:
            counter(PUBLISH_REFUSED).add(1, service=self.service, reason=UnroutableError.code)
            log.warning("messages came back, since no queue takes them", service=self.service, rows=len(sent.unrouted))
        return sent

    def _send(self, batch: Batch, *, bundles: bool) -> Sent:
        posts, reached = self._posts(batch)
        unrouted: set[str] = set()
        for post in posts:
            try:
                if post.messages:
                    post.publisher.publish(bundled(post.messages) if bundles else post.messages)
            except UnroutableError as error:
                if not post.rows.keys() >= set(error.message_ids):
                    raise  # Whose it is cannot be told, so nothing of it counts as sent.
                # All others of it are confirmed, and the other publishers have nothing to do with it.
                unrouted |= {post.rows[event_id] for event_id in error.message_ids}
        confirmed = sum((post.count for post in posts), Counter[str]())
        for row in batch.rows:
            if row["_id"] in unrouted:
                confirmed[row["route"]] -= len(row["events"])
        return Sent(confirmed=+confirmed, reached=reached, unrouted=frozenset(unrouted))

    def _posts(self, batch: Batch) -> tuple[list[_Post], Mapping[str, int]]:
        """Give what each publisher has to carry, and the numbers that this reaches."""
        numbers = dict(batch.before)
        posts: dict[int, _Post] = {}
        for row, event, streams in batch.numbers():
            numbers |= streams
            address = self.addresses[row["route"]]
            if not streams and not address.mandatory:
                # Nobody in this vhost hears it: it stays in the outbox for whoever reads the feed.
                continue
            post = posts.setdefault(id(address.publisher), _Post(publisher=address.publisher))
            post.add(row, event, address, self._envelope(row, event, address, streams))
        return list(posts.values()), numbers

    def _envelope(
        self, row: Mapping[str, Any], event: Mapping[str, Any], address: Address, streams: Mapping[str, int]
    ) -> Envelope:
        return encode(
            event=event,
            tenant_id=self.tenant_id,
            recorded_at=row["recorded_at"],
            broker_user=address.broker_user,
            streams=streams,
            # A trace ends where a message leaves the vhost.
            traceparent=None if address.mandatory else event.get("traceparent") or row.get("traceparent"),
            routing_prefix=address.routing_prefix,
        )
