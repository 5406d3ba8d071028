"""The relay: takes committed outbox rows, numbers them, publishes them in order, marks them sent.

Promise: every row is published at least once, in the order of its aggregate; each event carries for each
consumer of its vhost a gapless ``stream_n`` that was stored (in the plan) before its first publish; a
crash at any point repeats the plan with the same ids and numbers. A new leader takes the plan over by a
write, so that the one before it can neither number nor mark from then on (``tests/kernel/test_fencing.py``).
Consecutive events of one type leave in one message where every reader knows that form (``shared.bus.bundles``).
Memory stays bounded whatever the backlog: one batch at a time is read. Every wait is bounded; a broker that
is slow gets its batch by halves, each of which counts once it is confirmed (``tests/kernel/test_slow.py``).

Limit: one relay leads at a time (``shared.outbox._lease``); order holds within an aggregate, not across.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.bus.bundles import bundled
from shared.bus.codec import encode
from shared.bus.connection import BrokerAwayError
from shared.bus.liveness import StopSignal
from shared.bus.publisher import Outgoing, Publisher
from shared.kernel.clock import boot_seconds, real_now
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.stopping import pause
from shared.kernel.tenancy import TenantId
from shared.outbox._bundling import may_bundle
from shared.outbox._doorbell import Bell, Doorbell
from shared.outbox._lease import Lease
from shared.outbox._measuring import row_age_s
from shared.outbox._plans import DATABASE_LIMIT_S, LeaseLostError, Plans, plan_of
from shared.outbox._rows import NEW
from shared.outbox._server_clock import ServerClock
from shared.outbox.unit_of_work import Document
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import LEASE_CHANGES, PUBLISH_BATCH, PUBLISH_LATENCY, PUBLISH_REFUSED, PUBLISHED
from shared.telemetry.metrics import counter, histogram
from shared.telemetry.traces import SpanKind, start_batch_span

BATCH_EVENTS = 1_000
_RENEW_S = 3.0
_SIGN_OF_LIFE_S = 4.0
"""An idle connection is looked at so often, well within the broker's heartbeat."""
_BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

__all__ = ["Address", "Batch", "LeaseLostError", "Relay"]

log = get_logger(__name__)


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
    """Rows to publish, and the number before the first of each consumer's stream.

    Attributes:
        is_all: True where nothing more was waiting when the rows were read.
    """

    rows: Sequence[Document]
    before: Mapping[str, int]
    last: Mapping[str, int]
    is_all: bool = False


@dataclass(kw_only=True)
class Relay:
    """Relays one service's outbox over the routes it was given addresses for.

    Attributes:
        before_read: Called before rows are looked for, by a leader.
        on_drained: Called when everything recorded by a time (the server's, real) has its number, with that
            time and the last number of each consumer's stream.
        due_in_s: Gives the seconds until ``on_drained`` has something to do; without it, that is each ``poll_s``.
        poll_s: Seconds between looks while the doorbell is broken.
        idle_s: Seconds between looks while nothing rings.
        doorbell: What tells of commits; an own one where none is given.
    """

    client: MongoClient[Document]
    database: str
    tenant_id: TenantId
    service: str
    addresses: Mapping[str, Address]
    consumers_of: Callable[[str], tuple[str, ...]]
    name: str = "relay"
    poll_s: float = 1.0
    before_read: Callable[[], None] | None = None
    on_drained: Callable[[datetime, Mapping[str, int]], None] | None = None
    due_in_s: Callable[[], float] | None = None
    idle_s: float = 60.0
    doorbell: Doorbell | None = None
    batch_events: int = BATCH_EVENTS
    _fence: int | None = field(default=None, init=False)
    _renewed: float = field(default=0.0, init=False)
    _stands_by: bool = field(default=False, init=False)
    # The stored plan, while nobody else can have changed it: the fencing number says so.
    _plan: Document | None = field(default=None, init=False)
    _rows_at_once: int = field(default=BATCH_EVENTS, init=False)
    _bundles: bool = field(default=False, init=False)

    def run(self, stop: StopSignal) -> None:
        """Relay until told to stop; a broker or database that is away only delays."""
        failures = 0
        doorbell = self.doorbell or Doorbell(self.client, self.database, service=self.service)
        with doorbell.listen() as bell:
            while not stop.is_set():
                try:
                    sent = self.step()
                except Exception as error:  # noqa: BLE001  A row that no code foresaw is no reason to stop for ever.
                    self._note_failure(error)
                    pause(stop, _BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
                    failures += 1
                    continue
                failures = 0
                if not sent:
                    self._rest(bell, stop)
        self._lease().release()
        for address in self.addresses.values():
            address.publisher.close()

    def _rest(self, bell: Bell, stop: StopSignal) -> None:
        """Wait for a ring, or until something is due; meanwhile the broker hears from us."""
        until = boot_seconds() + self._rest_s(bell)
        while True:
            for address in self.addresses.values():
                address.publisher.keep_alive()
            left = until - boot_seconds()
            if stop.is_set() or left <= 0 or bell.wait(min(left, _SIGN_OF_LIFE_S), stop):
                break
        if self._stands_by:
            # Whoever leads hears the same ring, and comes first.
            pause(stop, self.poll_s)

    def _rest_s(self, bell: Bell) -> float:
        """Give for how long nothing is to be done unless it rings."""
        if not bell.is_whole or (self._stands_by and self._is_waiting()):
            return self.poll_s
        if self.on_drained is None or self._stands_by:
            return self.idle_s
        due_s = self.due_in_s() if self.due_in_s is not None else 0.0
        return min(self.idle_s, max(self.poll_s, due_s))

    def _is_waiting(self) -> bool:
        """Whether a row waits that we could send."""
        query = {"status": NEW, "route": {"$in": list(self.addresses)}}
        try:
            with pymongo.timeout(DATABASE_LIMIT_S):
                return self._plans().collection("outbox").find_one(query, {"_id": 1}) is not None
        except PyMongoError:
            return True  # Whether it is so is found out by the next step.

    def _note_failure(self, error: Exception) -> None:
        name, reason = type(error).__name__, getattr(error, "reason", None)
        if isinstance(error, PyMongoError | TemporarilyUnavailableError):
            log.warning("relay waits", service=self.service, error_class=name, reason=reason)
        else:
            log.error("relay failed", service=self.service, error_class=name)
        if isinstance(error, TemporarilyUnavailableError):
            counter(PUBLISH_REFUSED).add(1, service=self.service, reason=error.code)
        self._lead_by(None)
        self._plan = None

    def step(self) -> int:
        """Relay one batch.

        Returns:
            Rows published; 0 when there is nothing to do or another relay leads.

        Raises:
            BrokerAwayError, UnroutableError: Not all was confirmed; the same plan comes again.
            LeaseLostError: Another relay leads now.
        """
        fence = self._lead()
        if fence is None:
            return 0
        try:
            return self._step(fence)
        except LeaseLostError:
            self._lead_by(None)
            self._plan = None
            raise

    def _step(self, fence: int) -> int:
        if self._plan is None:
            self._bundles = may_bundle(self.client[self.database])
        plan = self._plan = self._plan or self._plans().take_over(fence)
        started = self._server_clock().real()
        if plan["rows"]:
            batch = self._planned(plan)
        else:
            if self.before_read is not None:
                self.before_read()
            batch = self._next_batch(plan["last"])
            if batch.rows:
                self._plan = self._plans().write(plan_of(batch.rows, batch.before, batch.last), fence)
        if not batch.rows and plan["rows"]:
            self._plan = self._plans().write(plan_of((), plan["last"], plan["last"]), fence)
        published = self._publish_by_parts(batch, fence)
        if batch.is_all and self.on_drained is not None:
            self.on_drained(started, batch.last)
        return published

    def _publish_by_parts(self, batch: Batch, fence: int) -> int:
        """Publish a batch, and mark each part of it sent as soon as it is confirmed."""
        done = 0
        while done < len(batch.rows):
            part = replace(batch, rows=batch.rows[done : done + self._rows_at_once])
            try:
                reached = self._publish(part)
            except BrokerAwayError:
                self._rows_at_once = max(1, len(part.rows) // 2)
                raise
            self._rows_at_once = min(self.batch_events, self._rows_at_once * 2)
            done += len(part.rows)
            rest = batch.rows[done:]
            left = plan_of(rest, reached if rest else batch.last, batch.last)
            self._plan = self._plans().mark_sent(part.rows, left, fence)
            batch = replace(batch, before=reached)
        return done

    def _lease(self) -> Lease:
        if not hasattr(self, "_kept_lease"):
            self._kept_lease = Lease(self.client[self.database]["relay"], f"{self.name}-lease")
        return self._kept_lease

    def _plans(self) -> Plans:
        return Plans(client=self.client, database=self.database, name=f"{self.name}-plan")

    def _server_clock(self) -> ServerClock:
        if not hasattr(self, "_kept_clock"):
            self._kept_clock = ServerClock(self.client, real_now)
        return self._kept_clock

    def _lead(self) -> int | None:
        """Give our fencing number, or None while another leads.

        Who has nothing to send lets the lease lapse, and takes it again with the next row; it stays its owner's all the
        same: another takes it over when a row has waited, or when its owner has not come for long.
        """
        # A clock that goes on while the machine sleeps: whoever wakes asks first.
        if self._fence is None or boot_seconds() - self._renewed > _RENEW_S:
            with pymongo.timeout(DATABASE_LIMIT_S):
                fence = self._lease().take(
                    lapsed_s=1.5 * self.idle_s if self._stands_by and not self._is_waiting() else 0.0
                )
            self._stands_by = fence is None
            if fence != self._fence:
                self._plan = None
            self._lead_by(fence)
            self._renewed = boot_seconds()
        return self._fence

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
        with (
            pymongo.timeout(DATABASE_LIMIT_S),
            self._plans().collection("outbox").find(query).sort("_id", 1).batch_size(100) as cursor,
        ):
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
        return Batch(rows=rows, before=dict(last), last=ends, is_all=events < self.batch_events)

    def _planned(self, plan: Document) -> Batch:
        """Read the rows of a plan that a crash or a lost lease left open."""
        with pymongo.timeout(DATABASE_LIMIT_S):
            found = self._plans().collection("outbox").find({"_id": {"$in": plan["rows"]}})
            rows = {row["_id"]: row for row in found}
        return Batch(rows=[rows[i] for i in plan["rows"] if i in rows], before=plan["before"], last=plan["last"])

    def _publish(self, batch: Batch) -> Mapping[str, int]:
        """Publish rows; give the last number that each consumer's stream has after them."""
        with start_batch_span(
            f"{self.service} {self.name} publish",
            (row.get("traceparent") for row in batch.rows),
            kind=SpanKind.PRODUCER,
        ) as span:
            confirmed, reached = self._send(batch)
            span.set(service=self.service, rows=len(batch.rows), published=confirmed.total())
        for route, count in confirmed.items():
            counter(PUBLISHED).add(count, service=self.service, route=route)
            oldest = next(row["_id"] for row in batch.rows if row["route"] == route)
            histogram(PUBLISH_LATENCY).record(row_age_s(oldest), service=self.service, route=route)
        if confirmed:
            histogram(PUBLISH_BATCH).record(confirmed.total(), service=self.service)
        return reached

    def _send(self, batch: Batch) -> tuple[Counter[str], Mapping[str, int]]:
        """Publish a batch and wait for its confirms; give the messages of each route, and the numbers reached."""
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
                publisher.publish(bundled(messages) if self._bundles else messages)
        return confirmed, numbers

    def _consumers(self, row: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[str, ...]:
        return self.consumers_of(event["type"]) if row["route"] == "local" else ()
