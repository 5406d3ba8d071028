"""The relay: takes committed outbox rows, numbers them, publishes them in order, marks them sent.

Promise: every row is published at least once, in the order of its aggregate; each event carries for each
consumer of its vhost a gapless ``stream_n`` that was stored (in the plan) before its first publish; a
crash at any point repeats the plan with the same ids and numbers. A new leader takes the plan over by a
write, so that the one before it can neither number nor mark from then on (``tests/kernel/test_fencing.py``).
Consecutive events of one type leave in one message where every reader knows that form (``shared.bus.bundles``).
Memory stays bounded whatever the backlog: one batch at a time is read. Every wait is bounded; a broker that
is slow gets its batch by halves, each of which counts once it is confirmed (``tests/kernel/test_slow.py``). What no
queue takes where one must stays behind, is counted and tried again; its neighbours go on
(``tests/kernel/test_unrouted.py``).

Limit: one relay leads at a time (``shared.outbox._lease``); order holds within an aggregate, not across.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import pymongo
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.bus.connection import BrokerAwayError
from shared.bus.liveness import StopSignal
from shared.kernel.clock import boot_seconds, real_now
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.stopping import pause
from shared.kernel.tenancy import TenantId
from shared.outbox._batches import Batch, kept_numbers, numbered, plan_of, planned
from shared.outbox._bundling import may_bundle
from shared.outbox._doorbell import Bell, Doorbell
from shared.outbox._lease import Lease
from shared.outbox._plans import DATABASE_LIMIT_S, LeaseLostError, Plans
from shared.outbox._sending import Address, Sender
from shared.outbox._server_clock import ServerClock
from shared.outbox.unit_of_work import Document
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import LEASE_CHANGES, PUBLISH_REFUSED
from shared.telemetry.metrics import counter

BATCH_EVENTS = 1_000
_RENEW_S = 3.0
_SIGN_OF_LIFE_S = 4.0
"""An idle connection is looked at so often, well within the broker's heartbeat."""
_BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

log = get_logger(__name__)


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
        try:
            return self._plans().is_waiting(self.addresses)
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
            BrokerAwayError: Not all was confirmed; the same plan comes again.
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
            batch = planned(plan, self._plans().rows(plan["rows"]), self.consumers_of)
        else:
            if self.before_read is not None:
                self.before_read()
            rows, is_all = self._plans().waiting(self.addresses, self.batch_events)
            batch = numbered(rows, plan["last"], self.consumers_of, is_all=is_all)
            if batch.rows:
                self._plan = self._plans().write(plan_of(batch), fence)
        if not batch.rows and plan["rows"]:
            self._plan = self._plans().write(plan_of(replace(batch, before=plan["last"])), fence)
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
                sent = self._sender().send(part, bundles=self._bundles)
            except BrokerAwayError:
                self._rows_at_once = max(1, len(part.rows) // 2)
                raise
            self._rows_at_once = min(self.batch_events, self._rows_at_once * 2)
            done += len(part.rows)
            rest = batch.rows[done:]
            left = replace(batch, rows=rest, before=sent.reached if rest else batch.last)
            numbers = kept_numbers(replace(part, last=sent.reached))
            self._plan = self._plans().mark_sent(
                part.rows, plan_of(left), fence, unrouted=sent.unrouted, numbers=numbers
            )
            batch = replace(batch, before=sent.reached)
        return done

    def _lease(self) -> Lease:
        if not hasattr(self, "_kept_lease"):
            self._kept_lease = Lease(self.client[self.database]["relay"], f"{self.name}-lease")
        return self._kept_lease

    def _sender(self) -> Sender:
        return Sender(tenant_id=self.tenant_id, service=self.service, name=self.name, addresses=self.addresses)

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
