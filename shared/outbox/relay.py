"""The relay: takes committed outbox rows, numbers them, publishes them in order, marks them sent.

Promise: every row is published at least once, in the order of its aggregate; each event carries for each
consumer of its vhost a gapless ``stream_n`` that was stored (in the plan) before its first publish; a
crash at any point repeats the plan with the same ids and numbers. Memory stays bounded whatever the
backlog: one batch at a time is read.

Limit: one relay leads at a time (``shared.outbox.lease``); order holds within an aggregate, not across.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.bus.codec import encode
from shared.bus.consumer import StopSignal
from shared.bus.publisher import Outgoing, Publisher
from shared.kernel.clock import real_now
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.tenancy import TenantId
from shared.outbox.doorbell import Doorbell
from shared.outbox.lease import Lease
from shared.outbox.measuring import row_age_s
from shared.outbox.rows import NEW, SENT
from shared.outbox.unit_of_work import Document
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import LEASE_CHANGES, PUBLISH_BATCH, PUBLISH_LATENCY, PUBLISH_REFUSED, PUBLISHED
from shared.telemetry.metrics import counter, histogram
from shared.telemetry.traces import SpanKind, start_batch_span

BATCH_EVENTS = 1_000
_RENEW_S = 3.0
_BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

log = get_logger(__name__)


class LeaseLostError(TemporarilyUnavailableError):
    """Another relay leads now; this one stops publishing."""

    code = "lease-lost"

    def __init__(self) -> None:
        """Nothing to add."""
        super().__init__("Another relay leads now.")


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a row of one route goes.

    Attributes:
        exchange: Exchange for an event type.
        routing_prefix: Stands before the event type where the queue is another owner's.
        mandatory: True where no alternate exchange catches what nobody hears.
    """

    publisher: Publisher
    exchange: Callable[[str], str]
    broker_user: str
    routing_prefix: str = ""
    mandatory: bool = False


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Rows to publish, and the number before the first of each consumer's stream."""

    rows: Sequence[Document]
    before: Mapping[str, int]
    last: Mapping[str, int]


@dataclass(kw_only=True)
class Relay:
    """Relays one service's outbox over the routes it was given addresses for."""

    client: MongoClient[Document]
    database: str
    tenant_id: TenantId
    service: str
    addresses: Mapping[str, Address]
    consumers_of: Callable[[str], tuple[str, ...]]
    name: str = "relay"
    poll_s: float = 1.0
    on_drained: Callable[[datetime, Mapping[str, int]], None] | None = None
    batch_events: int = BATCH_EVENTS
    _fence: int | None = field(default=None, init=False)
    _renewed: float = field(default=0.0, init=False)
    # The stored plan, while nobody else can have changed it: the fencing number says so.
    _plan: Document | None = field(default=None, init=False)

    def run(self, stop: StopSignal) -> None:
        """Relay until told to stop; a broker or database that is away only delays."""
        failures = 0
        with Doorbell(self.client, self.database, service=self.service) as doorbell:
            while not stop.is_set():
                try:
                    sent = self.step()
                except (PyMongoError, TemporarilyUnavailableError) as error:
                    reason = getattr(error, "reason", None)
                    log.warning("relay waits", service=self.service, error_class=type(error).__name__, reason=reason)
                    if isinstance(error, TemporarilyUnavailableError):
                        counter(PUBLISH_REFUSED).add(1, service=self.service, reason=error.code)
                    self._lead_by(None)
                    self._plan = None
                    _sleep(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)], stop)
                    failures += 1
                    continue
                failures = 0
                if not sent:
                    for address in self.addresses.values():
                        address.publisher.keep_alive()
                    doorbell.wait(self.poll_s, stop)
        self._lease().release()
        for address in self.addresses.values():
            address.publisher.close()

    def step(self) -> int:
        """Relay one batch.

        Returns:
            Rows published; 0 when there is nothing to do or another relay leads.

        Raises:
            BrokerAwayError, UnroutableError: Not all was confirmed; the same plan comes again.
            LeaseLostError: Another relay leads now.
        """
        if not self._lead():
            return 0
        collection = self.client[self.database]["relay"]
        started = real_now()
        if self._plan is None:
            self._plan = collection.find_one({"_id": self._plan_id}) or {"rows": [], "before": {}, "last": {}}
        plan = self._plan
        if plan["rows"]:
            batch = self._planned(plan)
        else:
            batch = self._next_batch(plan["last"])
            if batch.rows:
                self._store_plan(batch)
        if not batch.rows:
            if plan["rows"]:
                self._close_plan([], plan["last"])
            if self.on_drained is not None:
                self.on_drained(started, plan["last"])
            return 0
        self._publish(batch)
        self._close_plan([row["_id"] for row in batch.rows], batch.last)
        return len(batch.rows)

    @property
    def _plan_id(self) -> str:
        return f"{self.name}-plan"

    def _lease(self) -> Lease:
        if not hasattr(self, "_kept_lease"):
            self._kept_lease = Lease(self.client[self.database]["relay"], f"{self.name}-lease")
        return self._kept_lease

    def _lead(self) -> bool:
        if self._fence is None or time.monotonic() - self._renewed > _RENEW_S:
            fence = self._lease().take()
            if fence != self._fence:
                self._plan = None
            self._lead_by(fence)
            self._renewed = time.monotonic()
        return self._fence is not None

    def _lead_by(self, fence: int | None) -> None:
        """Note a lease won or lost; a renewed one is no change."""
        if fence != self._fence:
            outcome = "lost" if fence is None else "won"
            counter(LEASE_CHANGES).add(1, service=self.service, kind=self.name, outcome=outcome)
        self._fence = fence

    def _next_batch(self, last: Mapping[str, int]) -> Batch:
        """Read what is there, oldest first, up to the limit of events."""
        query = {"status": NEW, "route": {"$in": list(self.addresses)}}
        rows: list[Document] = []
        events = 0
        # Row by row, so that no batch is larger in memory than its limit of events.
        with self.client[self.database]["outbox"].find(query).sort("_id", 1).batch_size(100) as cursor:
            for row in cursor:
                rows.append(row)
                events += len(row["events"])
                if events >= self.batch_events:
                    break
        ends = dict(last)
        for row in rows:
            for event in row["events"]:
                for consumer in self._consumers(row, event):
                    ends[consumer] = ends.get(consumer, 0) + 1
        return Batch(rows=rows, before=dict(last), last=ends)

    def _planned(self, plan: Document) -> Batch:
        """Read the rows of a plan that a crash or a lost lease left open."""
        found = self.client[self.database]["outbox"].find({"_id": {"$in": plan["rows"]}})
        rows = {row["_id"]: row for row in found}
        return Batch(rows=[rows[i] for i in plan["rows"] if i in rows], before=plan["before"], last=plan["last"])

    def _store_plan(self, batch: Batch) -> None:
        self._write_plan({"rows": [r["_id"] for r in batch.rows], "before": batch.before, "last": batch.last})

    def _close_plan(self, row_ids: Sequence[str], last: Mapping[str, int]) -> None:
        if row_ids:
            self.client[self.database]["outbox"].update_many(
                {"_id": {"$in": list(row_ids)}}, {"$set": {"status": SENT, "sent_at": real_now()}}
            )
        self._write_plan({"rows": [], "before": last, "last": last})

    def _write_plan(self, plan: Document) -> None:
        collection = self.client[self.database]["relay"]
        result = collection.update_one(
            {"_id": self._plan_id, "fence": {"$lte": self._fence}}, {"$set": {**plan, "fence": self._fence}}
        )
        if result.matched_count == 0:
            if collection.find_one({"_id": self._plan_id}) is not None:
                self._lead_by(None)
                self._plan = None
                raise LeaseLostError
            collection.insert_one({"_id": self._plan_id, "fence": self._fence, **plan})
        self._plan = plan

    def _publish(self, batch: Batch) -> None:
        with start_batch_span(
            f"{self.service} {self.name} publish",
            (row.get("traceparent") for row in batch.rows),
            kind=SpanKind.PRODUCER,
        ) as span:
            confirmed = self._send(batch)
            span.set(service=self.service, rows=len(batch.rows), published=confirmed.total())
        for route, count in confirmed.items():
            counter(PUBLISHED).add(count, service=self.service, route=route)
            oldest = next(row["_id"] for row in batch.rows if row["route"] == route)
            histogram(PUBLISH_LATENCY).record(row_age_s(oldest), service=self.service, route=route)
        if confirmed:
            histogram(PUBLISH_BATCH).record(confirmed.total(), service=self.service)

    def _send(self, batch: Batch) -> Counter[str]:
        """Publish a batch and wait for its confirms; give the number of messages of each route."""
        confirmed: Counter[str] = Counter()
        numbers = dict(batch.before)
        outgoing: dict[int, tuple[Publisher, list[Outgoing]]] = {}
        for row in batch.rows:
            address = self.addresses[row["route"]]
            _, messages = outgoing.setdefault(id(address.publisher), (address.publisher, []))
            for event in row["events"]:
                streams = {}
                for consumer in self._consumers(row, event):
                    numbers[consumer] = streams[consumer] = numbers.get(consumer, 0) + 1
                if not streams and not address.mandatory:
                    # Nobody in this vhost hears it: it stays in the outbox for whoever reads the feed.
                    continue
                envelope = encode(
                    event=event,
                    tenant_id=self.tenant_id,
                    recorded_at=row["recorded_at"],
                    broker_user=address.broker_user,
                    streams=streams,
                    # A trace ends where a message leaves the vhost.
                    traceparent=None if address.mandatory else event.get("traceparent") or row.get("traceparent"),
                    routing_prefix=address.routing_prefix,
                )
                confirmed[row["route"]] += 1
                messages.append(
                    Outgoing(
                        exchange=address.exchange(event["type"]),
                        envelope=envelope,
                        mandatory=address.mandatory,
                    )
                )
        for publisher, messages in outgoing.values():
            if messages:
                publisher.publish(messages)
        return confirmed

    def _consumers(self, row: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[str, ...]:
        return self.consumers_of(event["type"]) if row["route"] == "local" else ()


def _sleep(seconds: float, stop: StopSignal) -> None:
    deadline = time.monotonic() + seconds
    while not stop.is_set() and time.monotonic() < deadline:
        time.sleep(0.05)
