"""The inbox: every message has its effect once, in one transaction with everything that follows from it.

A batch is one transaction: read the known ids, drop them, insert the rest, run the handlers, write
state, outbox and stream progress. A batch that meets another transaction is tried again as it is; one that
fails is halved until the bad message stands alone, so that it harms no other. A message that fails goes up
the retry ladder and is parked after the last rung, or at once when no retry can help; its reason travels
with it. A conflict is no fault of a message: it takes no rung and parks nothing, however long it lasts
(``tests/kernel/test_inbox.py``).

Limit: rows live 30 days; a replay older than that relies on the handlers' own versions.
"""

import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.bus.bundles import must_come_apart
from shared.bus.codec import MalformedMessageError, decode, stream_number
from shared.bus.consumer import Batch, Delivery
from shared.bus.names import CE_TENANT, DISCARD, ORIGIN_USER
from shared.bus.topology import Subscription
from shared.contracts.listed import check_listed
from shared.contracts.marks import Mark
from shared.kernel.clock import Now, real_now
from shared.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    PoisonMessageError,
    RuleViolationError,
)
from shared.kernel.messages import AuditIntent, Received
from shared.kernel.streams import from_document, to_document
from shared.kernel.tenancy import TenantId
from shared.outbox._fates import Fates
from shared.outbox._measuring import COMMITTED, DISCARDED, DUPLICATE, PARKED, RETRIED, count_parked, measure_batch
from shared.outbox._server_clock import ServerClock
from shared.outbox._transactions import is_away, is_conflict, is_unknown, pause, transaction
from shared.outbox.hearings import Hearing, UnknownOrderError
from shared.outbox.unit_of_work import Document, DuplicateIdError, StaleVersionError, UnitOfWork
from shared.telemetry.logs import get_logger
from shared.telemetry.traces import SpanKind, current_traceparent, extract, start_batch_span, start_span

INBOX_LIFETIME = timedelta(days=30)
SECURITY_CODES = frozenset({"tenant-mismatch", "forged-source"})
_HOPELESS = (PoisonMessageError, InvalidInputError, NotFoundError, RuleViolationError)
_PASSING = (StaleVersionError, DuplicateIdError)
"""Rules of ours that another transaction may have broken a moment ago."""
_ATTEMPTS = 5
_SLOW_ATTEMPTS = 3
"""A message that alone needs longer than a transaction may last takes a rung after as many tries."""
_PING_LIMIT_S = 2.0

log = get_logger(__name__)

__all__ = ["Hearing", "Inbox", "UnknownOrderError"]


@dataclass(frozen=True, kw_only=True)
class _Item:
    delivery: Delivery
    received: Received[Any]
    discard: bool

    @property
    def inbox_id(self) -> str:
        tenant = self.delivery.headers[CE_TENANT]
        # The sender stands in the key: one host's id must not swallow another's (MassTransit 3543).
        return f"{self.received.event_id}/{tenant}/{self.received.event.source}"


class Inbox:
    """Settles batches of one service: ``settle`` returns only when every message's fate is durable."""

    def __init__(
        self,
        *,
        client: MongoClient[Document],
        database: str,
        tenant_id: TenantId,
        service: str,
        hearings: Sequence[Hearing],
        fates: Fates,
        now: Now,
    ) -> None:
        """Index the hearings by event type."""
        self._client = client
        self._database = client[database]
        self._tenant_id = tenant_id
        self._service = service
        self._hearings = {h.event.event_type: h for h in hearings}
        self._fates = fates
        self._clock = ServerClock(client, now)
        self._slow: dict[str, int] = {}

    def settle(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        """Give every delivery its fate; with none, only see whether the database answers.

        Each delivery of a ``Batch`` is ticked off as soon as its fate is durable, so that what is offered
        again after a failure is the rest.

        Raises:
            PyMongoError: The database is away or too slow for so many at once; what was not ticked off had no
                effect, or is known when it comes again.
            BrokerAwayError: A retry or parking queue did not confirm; offer the rest again.
        """
        if not deliveries:
            self._ping()
            return
        began = time.monotonic()
        # A trace that somebody outside the vhost began is none of ours.
        causes = () if subscription.external else (extract(delivery.headers) for delivery in deliveries)
        with start_batch_span(f"{self._service} consume", causes, kind=SpanKind.CONSUMER) as span:
            span.set(consumer=self._service, source=subscription.source, count=len(deliveries))
            fates = self._settle(subscription, deliveries)
        measure_batch(subscription, deliveries, fates, duration_s=time.monotonic() - began)

    def _settle(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> Counter[str]:
        """Give every delivery its fate; give the fates' numbers."""
        fates: Counter[str] = Counter()
        often = [delivery for delivery in deliveries if must_come_apart(delivery)]
        if often:
            self._fates.send_apart(subscription, often)
            fates[RETRIED] += len(often)
            _tick_off(deliveries, often)
        items: list[_Item] = []
        refused: list[tuple[Delivery, PoisonMessageError]] = []
        left = {delivery.key for delivery in often}
        for delivery in (d for d in deliveries if d.key not in left):
            try:
                items.append(self._decode(subscription, delivery))
            except PoisonMessageError as error:
                refused.append((delivery, error))
            except Exception:  # noqa: BLE001  Whatever no decoder foresaw is no message of ours.
                refused.append((delivery, MalformedMessageError("form")))
        pieces = deque([items] if items else [])
        while pieces:
            piece = pieces.popleft()
            try:
                fates += self._together(subscription, piece)
            except Exception as error:
                if is_conflict(error) or (is_away(error) and len(piece) > 1):
                    raise
                if len(piece) > 1:
                    log.warning("batch halved", count=len(piece), error_class=type(error).__name__)
                    half = len(piece) // 2
                    pieces.extendleft([piece[half:], piece[:half]])
                    continue
                fates += self._alone_in_a_span(subscription, piece[0])
            _tick_off(deliveries, [item.delivery for item in piece])
        # Last, so that a database that is away does not have them parked once with each offer.
        for delivery, poison in refused:
            fates[self._refuse(subscription, delivery, poison)] += 1
            _tick_off(deliveries, [delivery])
        return fates

    def _together(self, subscription: Subscription, items: Sequence[_Item]) -> Counter[str]:
        attempt = 0
        while True:
            try:
                return self._transact(subscription, items)
            except Exception as error:
                attempt += 1
                if attempt >= _ATTEMPTS or not is_conflict(error):
                    raise
                pause(attempt)

    def _ping(self) -> None:
        with pymongo.timeout(_PING_LIMIT_S):
            self._database.client.admin.command("ping")

    def _alone_in_a_span(self, subscription: Subscription, item: _Item) -> Counter[str]:
        """Run one message of a batch that failed in a span of its own, so that it is seen in its own trace."""
        batch = current_traceparent()
        links = [batch] if batch and item.received.traceparent else ()
        name = f"{self._service} consume alone"
        with start_span(name, parent=item.received.traceparent, links=links, kind=SpanKind.CONSUMER) as span:
            fate = self._alone(subscription, item)
            outcome = fate.most_common(1)[0][0]
            span.set(consumer=self._service, event_type=item.received.event.event_type, outcome=outcome)
        return fate

    def _decode(self, subscription: Subscription, delivery: Delivery) -> _Item:
        users = self._fates.users
        tenants = None if subscription.external else frozenset({str(self._tenant_id)})
        received = decode(
            headers=delivery.headers,
            properties=delivery.properties,
            body=delivery.body,
            consumer=self._service,
            allowed_tenants=tenants,
            allowed_users=users.allowed(subscription),
            own_user=users.own,
            operator=users.operator,
        )
        discard = self._is_given_up(delivery)
        if type(received.event) not in subscription.events and not isinstance(received.event, Mark):
            raise PoisonMessageError("The queue does not take this event type.")
        if not discard:
            check_listed(received.event)
        return _Item(delivery=delivery, received=received, discard=discard)

    def _is_given_up(self, delivery: Delivery) -> bool:
        """Whether the operator, and nobody else, gave the message up; the service's own retry carries it on."""
        users = self._fates.users
        given_up = delivery.headers.get(DISCARD) is True
        return given_up and delivery.properties.get("user_id") in (users.operator, users.own)

    def _refuse(self, subscription: Subscription, delivery: Delivery, error: PoisonMessageError) -> str:
        """Park what is no message of ours, or forget it where a person gave it up; give what became of it."""
        if self._is_given_up(delivery):
            self._forget(subscription, delivery, error)
            return DISCARDED
        if error.code in SECURITY_CODES:
            with transaction(self._client) as session:
                work = self._work(session, traceparent=None)
                work.audit(self._intent("message", "refuse", error.code))
                work.flush()
        self._park(subscription, delivery, error.code)
        return PARKED

    def _forget(self, subscription: Subscription, delivery: Delivery, error: PoisonMessageError) -> None:
        """Commit and audit that a poison message was given up, with its number if its source had given it one."""
        # A forger's number may be another message's, which would then seem committed.
        origin = delivery.headers.get(ORIGIN_USER)
        trusted = isinstance(origin, str) and origin in self._fates.users.allowed(subscription)
        with transaction(self._client) as session:
            work = self._work(session, traceparent=current_traceparent())
            with suppress(PoisonMessageError):
                number = stream_number(delivery.headers, self._service)
                if trusted and number is not None and error.code not in SECURITY_CODES:
                    work.freed_numbers.append(number)
            self._progress(work, subscription, [], [])
            work.audit(self._intent("message", "discard", "DISCARDED"))
            work.flush()

    def _park(self, subscription: Subscription, delivery: Delivery, reason: str) -> None:
        self._fates.park(delivery, reason=reason)
        count_parked(subscription, reason)
        log.warning("message parked", reason=reason)

    def _alone(self, subscription: Subscription, item: _Item) -> Counter[str]:
        attempt = 0
        while True:
            try:
                fate = self._transact(subscription, [item])
            except Exception as error:
                attempt += 1
                passing = is_conflict(error) or isinstance(error, _PASSING)
                if passing and attempt < _ATTEMPTS:
                    pause(attempt)
                    continue
                if is_conflict(error) or is_unknown(error) or (is_away(error) and not self._is_too_slow(item)):
                    # No fault of the message: it is held and offered again, and no rung of its ladder is used up.
                    raise
                fate = self._give_up(subscription, item, error, retry=passing or not isinstance(error, _HOPELESS))
            self._slow.pop(item.inbox_id, None)
            return fate

    def _is_too_slow(self, item: _Item) -> bool:
        """Whether the database answers others while it is the message that again and again needs too long."""
        try:
            self._ping()
        except PyMongoError:
            return False
        self._slow[item.inbox_id] = self._slow.get(item.inbox_id, 0) + 1
        return self._slow[item.inbox_id] >= _SLOW_ATTEMPTS

    def _give_up(self, subscription: Subscription, item: _Item, error: Exception, *, retry: bool) -> Counter[str]:
        code = getattr(error, "code", None)
        reason = code if isinstance(code, str) else type(error).__name__
        if retry and self._fates.retry(subscription, item.delivery, reason=reason):
            log.info("message will be tried again", reason=reason)
            return Counter({RETRIED: 1})
        self._park(subscription, item.delivery, reason)
        return Counter({PARKED: 1})

    def _transact(self, subscription: Subscription, items: Sequence[_Item]) -> Counter[str]:
        marks = [item for item in items if isinstance(item.received.event, Mark)]
        facts = [item for item in items if not isinstance(item.received.event, Mark)]
        with transaction(self._client) as session:
            work = self._work(session, traceparent=current_traceparent())
            fresh = self._unknown(work, facts)
            self._handle(work, fresh)
            # A known message's number was counted when it was first committed.
            self._progress(work, subscription, fresh, marks)
            work.flush()
        return Counter({COMMITTED: len(fresh) + len(marks), DUPLICATE: len(facts) - len(fresh)})

    def _unknown(self, work: UnitOfWork, items: Sequence[_Item]) -> list[_Item]:
        """Drop what was handled before and what stands twice in the batch."""
        wanted = {item.inbox_id: item for item in items}
        found = self._database["inbox"].find({"_id": {"$in": list(wanted)}}, {"_id": 1}, session=work.session)
        known = {row["_id"] for row in found}
        return [item for key, item in wanted.items() if key not in known]

    def _handle(self, work: UnitOfWork, fresh: Sequence[_Item]) -> None:
        self._preload(work, fresh)
        rows: list[Document] = []
        several_causes = len({item.received.traceparent for item in fresh}) > 1
        for item in fresh:
            work.caused_by(item.received.traceparent if several_causes else None)
            self._run(work, item)
            rows.append({"_id": item.inbox_id, "at": real_now()})
        work.caused_by(None)
        if rows:
            self._database["inbox"].insert_many(rows, session=work.session)

    def _run(self, work: UnitOfWork, item: _Item) -> None:
        if item.discard:
            work.audit(self._intent(item.received.event_id, "discard", "DISCARDED"))
            return
        hearing = self._hearings[item.received.event.event_type]
        if hearing.order == "latest" and not _is_newest(work, hearing, item.received):
            return
        hearing.handle(item.received, work)

    def _preload(self, work: UnitOfWork, fresh: Sequence[_Item]) -> None:
        wanted: dict[str, list[str]] = {}
        for item in fresh:
            hearing = self._hearings.get(item.received.event.event_type)
            if hearing is None:
                continue
            if hearing.order == "latest":
                wanted.setdefault("latest", []).append(_latest_id(hearing, item.received))
            if hearing.preload is not None:
                for collection, document_id in hearing.preload(item.received.event):
                    wanted.setdefault(collection, []).append(document_id)
        for collection, ids in wanted.items():
            work.preload(collection, ids)

    def _progress(
        self, work: UnitOfWork, subscription: Subscription, committed: Sequence[_Item], marks: Sequence[_Item]
    ) -> None:
        if subscription.external:
            return  # Nobody outside the vhost numbers or marks what it sends here.
        numbers = [i.received.stream_n for i in committed if i.received.stream_n is not None]
        numbers += work.freed_numbers
        stored = work.find("streams", subscription.source)
        before = from_document(stored)
        progress = before.with_committed(numbers)
        for item in marks:
            if item.discard:
                work.audit(self._intent(item.received.event_id, "discard", "DISCARDED"))
                continue
            event = item.received.event
            ends = {end.consumer: end.last_stream_n for end in event.ends} if isinstance(event, Mark) else {}
            # A relay that does not know this consumer says nothing about its stream.
            if isinstance(event, Mark) and self._service in ends:
                progress = progress.with_mark(
                    event.through, ends[self._service], {a.source: a.through for a in event.applied}
                )
        if progress != before:
            work.save("streams", to_document(subscription.source, progress))

    def _work(self, session: Any, *, traceparent: str | None) -> UnitOfWork:
        return UnitOfWork(
            database=self._database,
            session=session,
            tenant_id=self._tenant_id,
            service=self._service,
            now=self._clock.now(),
            traceparent=traceparent,
        )

    def _intent(self, object_id: str, verb: str, outcome: str) -> AuditIntent:
        return AuditIntent(
            action=f"{self._service}:message:{verb}",
            actor_id="system",
            role="SYSTEM",
            object_id=object_id,
            outcome=outcome,
            at=self._clock.now(),
        )


def _tick_off(deliveries: Sequence[Delivery], settled: Iterable[Delivery]) -> None:
    if isinstance(deliveries, Batch):
        deliveries.tick_off(settled)


def _latest_id(hearing: Hearing, received: Received[Any]) -> str:
    return f"{hearing.event.event_type}:{received.event.subject}"


def _is_newest(work: UnitOfWork, hearing: Hearing, received: Received[Any]) -> bool:
    key = _latest_id(hearing, received)
    stored = work.find("latest", key)
    if stored is not None and stored["sequence"] >= received.sequence:
        return False
    work.save("latest", {"_id": key, "sequence": received.sequence})
    return True
