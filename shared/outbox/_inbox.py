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
from datetime import timedelta

import pymongo
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.bus.bundles import must_come_apart
from shared.bus.codec import MalformedMessageError
from shared.bus.deliveries import Batch, Delivery
from shared.bus.subscriptions import Subscription
from shared.kernel.clock import Now
from shared.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    PoisonMessageError,
    RuleViolationError,
)
from shared.kernel.tenancy import TenantId
from shared.outbox._effects import Effects
from shared.outbox._fates import Fates
from shared.outbox._intake import SECURITY_CODES, Intake, Item
from shared.outbox._measuring import DISCARDED, PARKED, RETRIED, count_parked, measure_batch
from shared.outbox._transactions import is_away, is_conflict, is_unknown, pause
from shared.outbox.hearings import Hearing
from shared.outbox.unit_of_work import Document, DuplicateIdError, StaleVersionError
from shared.telemetry.logs import get_logger
from shared.telemetry.traces import SpanKind, current_traceparent, extract, start_batch_span, start_span

INBOX_LIFETIME = timedelta(days=30)
_HOPELESS = (PoisonMessageError, InvalidInputError, NotFoundError, RuleViolationError)
_PASSING = (StaleVersionError, DuplicateIdError)
"""Rules of ours that another transaction may have broken a moment ago."""
_ATTEMPTS = 5
_SLOW_ATTEMPTS = 3
"""A message that alone needs longer than a transaction may last takes a rung after as many tries."""
_PING_LIMIT_S = 2.0

log = get_logger(__name__)


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
        """Take what reads messages, what carries them out, and what becomes of those that fail."""
        self._client = client
        self._service = service
        self._fates = fates
        self._intake = Intake(service=service, users=fates.users)
        self._effects = Effects(
            client=client, database=database, tenant_id=tenant_id, service=service, hearings=hearings, now=now
        )
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
        items: list[Item] = []
        refused: list[tuple[Delivery, PoisonMessageError]] = []
        left = {delivery.key for delivery in often}
        for delivery in (d for d in deliveries if d.key not in left):
            try:
                items.append(self._intake.decode(subscription, delivery))
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

    def _together(self, subscription: Subscription, items: Sequence[Item]) -> Counter[str]:
        attempt = 0
        while True:
            try:
                return self._effects.commit(subscription, items)
            except Exception as error:
                attempt += 1
                if attempt >= _ATTEMPTS or not is_conflict(error):
                    raise
                pause(attempt)

    def _ping(self) -> None:
        with pymongo.timeout(_PING_LIMIT_S):
            self._client.admin.command("ping")

    def _alone_in_a_span(self, subscription: Subscription, item: Item) -> Counter[str]:
        """Run one message of a batch that failed in a span of its own, so that it is seen in its own trace."""
        batch = current_traceparent()
        links = [batch] if batch and item.received.traceparent else ()
        name = f"{self._service} consume alone"
        with start_span(name, parent=item.received.traceparent, links=links, kind=SpanKind.CONSUMER) as span:
            fate = self._alone(subscription, item)
            outcome = fate.most_common(1)[0][0]
            span.set(consumer=self._service, event_type=item.received.event.event_type, outcome=outcome)
        return fate

    def _refuse(self, subscription: Subscription, delivery: Delivery, error: PoisonMessageError) -> str:
        """Park what is no message of ours, or forget it where a person gave it up; give what became of it."""
        if self._intake.is_given_up(delivery):
            secure = error.code not in SECURITY_CODES
            self._effects.forget(subscription, self._intake.number_of(subscription, delivery) if secure else None)
            return DISCARDED
        if error.code in SECURITY_CODES:
            self._effects.note_refusal(error.code)
        self._park(subscription, delivery, error.code)
        return PARKED

    def _park(self, subscription: Subscription, delivery: Delivery, reason: str) -> None:
        self._fates.park(delivery, reason=reason)
        count_parked(subscription, reason)
        log.warning("message parked", reason=reason)

    def _alone(self, subscription: Subscription, item: Item) -> Counter[str]:
        attempt = 0
        while True:
            try:
                fate = self._effects.commit(subscription, [item])
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

    def _is_too_slow(self, item: Item) -> bool:
        """Whether the database answers others while it is the message that again and again needs too long."""
        try:
            self._ping()
        except PyMongoError:
            return False
        self._slow[item.inbox_id] = self._slow.get(item.inbox_id, 0) + 1
        return self._slow[item.inbox_id] >= _SLOW_ATTEMPTS

    def _give_up(self, subscription: Subscription, item: Item, error: Exception, *, retry: bool) -> Counter[str]:
        code = getattr(error, "code", None)
        reason = code if isinstance(code, str) else type(error).__name__
        if retry and self._fates.retry(subscription, item.delivery, reason=reason):
            log.info("message will be tried again", reason=reason)
            return Counter({RETRIED: 1})
        self._park(subscription, item.delivery, reason)
        return Counter({PARKED: 1})


def _tick_off(deliveries: Sequence[Delivery], settled: Iterable[Delivery]) -> None:
    if isinstance(deliveries, Batch):
        deliveries.tick_off(settled)
