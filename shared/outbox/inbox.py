"""The inbox: every message has its effect once, in one transaction with everything that follows from it.

A batch is one transaction: read the known ids, drop them, insert the rest, run the handlers, write
state, outbox and stream progress. When a batch fails it is run one by one, so that one bad message harms
no other. A message that fails goes up the retry ladder and is parked after the last rung, or at once when
no retry can help; its reason travels with it.

Limit: rows live 30 days; a replay older than that relies on the handlers' own versions.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import pymongo
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, PyMongoError

from shared.bus.codec import ORIGIN_USER, decode, stream_number
from shared.bus.consumer import Delivery
from shared.bus.topology import Subscription
from shared.contracts.marks import Mark
from shared.kernel.clock import Now, real_now
from shared.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    PoisonMessageError,
    RuleViolationError,
)
from shared.kernel.messages import AuditIntent, Event, Received
from shared.kernel.tenancy import TenantId
from shared.outbox.committer import TRANSACTION_LIMIT_S, transaction
from shared.outbox.fates import DISCARD, Fates
from shared.outbox.measuring import COMMITTED, DISCARDED, DUPLICATE, HELD, PARKED, RETRIED, count_parked, measure_batch
from shared.outbox.ordering import Held, hold_back, released_by
from shared.outbox.streams import from_document, to_document
from shared.outbox.unit_of_work import Document, StaleVersionError, UnitOfWork
from shared.telemetry.logs import get_logger
from shared.telemetry.traces import SpanKind, current_traceparent, extract, start_batch_span, start_span

INBOX_LIFETIME = timedelta(days=30)
SECURITY_CODES = frozenset({"tenant-mismatch", "forged-source"})
_HOPELESS = (PoisonMessageError, InvalidInputError, NotFoundError, RuleViolationError)
_ALONE_ATTEMPTS = 5

log = get_logger(__name__)

Order = Literal["in_order", "any_order", "latest"]


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """How one service hears one event type.

    Attributes:
        event: The type.
        handle: Reads and writes through the unit of work; runs in the batch's transaction, maybe again.
        order: ``in_order`` holds later events of an aggregate while one fails; ``latest`` drops an event
            older than the newest seen of its aggregate; ``any_order`` does neither.
        group: Types that state one thing together under ``latest`` share a group; default is the type.
        preload: Which documents the handler will read, as (collection, id), so that a batch reads once.
    """

    event: type[Event]
    handle: Callable[[Received, UnitOfWork], None]
    order: Order = "any_order"
    group: str | None = None
    preload: Callable[[Any], Iterable[tuple[str, str]]] | None = None


@dataclass(frozen=True, kw_only=True)
class _Item:
    delivery: Delivery
    received: Received
    discard: bool

    @property
    def inbox_id(self) -> str:
        tenant = self.delivery.headers["ce-tenantid"]
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
        self._now = now

    def settle(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        """Give every delivery its fate.

        Raises:
            PyMongoError: The database is away; nothing of the batch was committed twice or half.
            BrokerAwayError: A retry or parking queue did not confirm; offer the same batch again.
        """
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
        items: list[_Item] = []
        for delivery in deliveries:
            try:
                items.append(self._decode(subscription, delivery))
            except PoisonMessageError as error:
                fates[self._refuse(subscription, delivery, error)] += 1
        marks = [item for item in items if isinstance(item.received.event, Mark)]
        facts = [item for item in items if not isinstance(item.received.event, Mark)]
        if not (marks or facts):
            return fates
        try:
            return fates + self._transact(subscription, facts, marks)
        except ConnectionFailure:
            raise
        except Exception as error:  # noqa: BLE001  Whatever a batch raises, each message is judged alone.
            if len(items) > 1:
                log.warning("batch run one by one", count=len(items), error_class=type(error).__name__)
            batch = current_traceparent()
            for item in facts:
                # A span of its own under the message's, so that one bad message is seen in its own trace.
                links = [batch] if batch and item.received.traceparent else ()
                name = f"{self._service} consume alone"
                with start_span(name, parent=item.received.traceparent, links=links, kind=SpanKind.CONSUMER) as span:
                    fate = self._alone(subscription, item)
                    outcome = fate.most_common(1)[0][0]
                    span.set(consumer=self._service, event_type=item.received.event.event_type, outcome=outcome)
                fates += fate
            for item in marks:
                fates += self._transact(subscription, [], [item])
        return fates

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
        discard = delivery.headers.get(DISCARD) is True
        if type(received.event) not in subscription.events and not isinstance(received.event, Mark):
            raise PoisonMessageError("The queue does not take this event type.")
        return _Item(delivery=delivery, received=received, discard=discard)

    def _refuse(self, subscription: Subscription, delivery: Delivery, error: PoisonMessageError) -> str:
        """Park what is no message of ours, or forget it where a person gave it up; give what became of it."""
        if delivery.headers.get(DISCARD) is True and delivery.properties.get("user_id") == self._fates.users.operator:
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
        trusted = delivery.headers.get(ORIGIN_USER) in self._fates.users.allowed(subscription)
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
        for attempt in range(_ALONE_ATTEMPTS):
            try:
                return self._transact(subscription, [item], [])
            except ConnectionFailure:
                raise
            except _HOPELESS as error:
                if isinstance(error, StaleVersionError) and attempt + 1 < _ALONE_ATTEMPTS:
                    continue
                return self._give_up(subscription, item, error, retry=isinstance(error, StaleVersionError))
            except PyMongoError as error:
                if error.has_error_label("TransientTransactionError"):
                    if attempt + 1 < _ALONE_ATTEMPTS:
                        continue
                    # A killed process can leave a transaction that blocks ours until the server cuts it at 10 s.
                    # That is no fault of the message: the batch is held, no rung of its ladder is used up.
                    raise
                return self._give_up(subscription, item, error, retry=True)
            except Exception as error:  # noqa: BLE001  A fault of ours may pass; the ladder bounds it.
                return self._give_up(subscription, item, error, retry=True)
        raise AssertionError  # The last attempt above either returns or raises.

    def _give_up(self, subscription: Subscription, item: _Item, error: Exception, *, retry: bool) -> Counter[str]:
        code = getattr(error, "code", None)
        reason = code if isinstance(code, str) else type(error).__name__
        hearing = self._hearings.get(item.received.event.event_type)
        if hearing is not None and hearing.order == "in_order":
            with transaction(self._client) as session:
                work = self._work(session, traceparent=None)
                hold_back(work, subscription.source, item.received)
                work.flush()
        if retry and self._fates.retry(subscription, item.delivery, reason=reason):
            log.info("message will be tried again", reason=reason)
            return Counter({RETRIED: 1})
        self._park(subscription, item.delivery, reason)
        return Counter({PARKED: 1})

    def _transact(self, subscription: Subscription, facts: Sequence[_Item], marks: Sequence[_Item]) -> Counter[str]:
        with pymongo.timeout(TRANSACTION_LIMIT_S), transaction(self._client) as session:
            work = self._work(session, traceparent=current_traceparent())
            fresh = self._unknown(work, facts)
            committed = self._handle(work, subscription, fresh)
            # A known message's number was counted when it was first committed.
            self._progress(work, subscription, committed, marks)
            work.flush()
        held, known = len(fresh) - len(committed), len(facts) - len(fresh)
        return Counter({COMMITTED: len(committed) + len(marks), HELD: held, DUPLICATE: known})

    def _unknown(self, work: UnitOfWork, items: Sequence[_Item]) -> list[_Item]:
        """Drop what was handled before and what stands twice in the batch."""
        wanted = {item.inbox_id: item for item in items}
        found = self._database["inbox"].find({"_id": {"$in": list(wanted)}}, {"_id": 1}, session=work.session)
        known = {row["_id"] for row in found}
        return [item for key, item in wanted.items() if key not in known]

    def _handle(self, work: UnitOfWork, subscription: Subscription, fresh: Sequence[_Item]) -> list[_Item]:
        """Run the handlers; give the items whose fate is committed by this transaction."""
        self._preload(work, fresh)
        held = Held.load(work, subscription.source, [i.received for i in fresh if self._in_order(i)])
        committed: list[_Item] = []
        rows: list[Document] = []
        several_causes = len({item.received.traceparent for item in fresh}) > 1
        for item in fresh:
            work.caused_by(item.received.traceparent if several_causes else None)
            if self._in_order(item) and held.must_wait(item.received):
                held.keep(work, item.received, item.delivery.body)
            else:
                self._run(work, item)
                committed.append(item)
                if self._in_order(item):
                    self._run_released(work, subscription, item, held)
            rows.append({"_id": item.inbox_id, "at": real_now()})
        work.caused_by(None)
        if rows:
            self._database["inbox"].insert_many(rows, session=work.session)
        return committed

    def _run_released(self, work: UnitOfWork, subscription: Subscription, item: _Item, held: Held) -> None:
        for waiting in released_by(work, subscription.source, item.received, held):
            hearing = self._hearings[waiting.event.event_type]
            hearing.handle(waiting, work)
            if waiting.stream_n is not None:
                held.freed.append(waiting.stream_n)

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
            return
        numbers = [i.received.stream_n for i in committed if i.received.stream_n is not None]
        numbers += work.freed_numbers
        stored = work.find("streams", subscription.source)
        before = from_document(stored)
        progress = before.with_committed(numbers)
        for item in marks:
            event = item.received.event
            if isinstance(event, Mark):
                ends = {end.consumer: end.last_stream_n for end in event.ends}
                progress = progress.with_mark(
                    event.through,
                    ends.get(self._service, 0),
                    {a.source: a.through for a in event.applied},
                )
        if progress != before:
            work.save("streams", to_document(subscription.source, progress))

    def _in_order(self, item: _Item) -> bool:
        hearing = self._hearings.get(item.received.event.event_type)
        return hearing is not None and hearing.order == "in_order"

    def _work(self, session: Any, *, traceparent: str | None) -> UnitOfWork:
        return UnitOfWork(
            database=self._database,
            session=session,
            tenant_id=self._tenant_id,
            service=self._service,
            now=self._now(),
            traceparent=traceparent,
        )

    def _intent(self, object_id: str, verb: str, outcome: str) -> AuditIntent:
        return AuditIntent(
            action=f"{self._service}:message:{verb}",
            actor_id="system",
            role="SYSTEM",
            object_id=object_id,
            outcome=outcome,
            at=self._now(),
        )


def _latest_id(hearing: Hearing, received: Received) -> str:
    return f"{hearing.group or hearing.event.event_type}:{received.event.subject}"


def _is_newest(work: UnitOfWork, hearing: Hearing, received: Received) -> bool:
    key = _latest_id(hearing, received)
    stored = work.find("latest", key)
    if stored is not None and stored["sequence"] >= received.sequence:
        return False
    work.save("latest", {"_id": key, "sequence": received.sequence})
    return True
