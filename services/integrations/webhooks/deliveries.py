"""The steps of delivering, each a transaction of its own: queue events, take some in hand, note what an attempt met.

Promise: every event after an endpoint's beginning gets one delivery for it, whatever is killed when; one that is in
hand is in nobody else's; what was disabled is not taken in hand any more, since taking and disabling write one
document. Shown by tests/integration/integrations/test_webhook_delivering.py.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.integrations.store.reading import AheadOfStoreError, EventStore, Reading, TooOldError
from services.integrations.webhooks.commands import KEPT
from services.integrations.webhooks.documents import (
    ATTEMPT,
    ATTEMPTS,
    DELIVERIES,
    DELIVERY,
    ENDPOINT,
    WEBHOOKS,
    change_endpoint,
    delivery_from,
    endpoint_from,
    put,
)
from services.integrations.webhooks.rules import ACTIVE, RESTORED, WAITING, Delivery, Endpoint, Outcome
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

CHUNK = 200
MOST_WAITING = 1_000
"""Deliveries of one endpoint that wait at most; what comes after stays in the store until there is room."""
IN_HAND = 10
"""Deliveries that are taken at once, to be sent one after the other."""
HELD = timedelta(seconds=60)
"""Whoever was killed with some in hand loses them after this."""
ATTEMPTS_KEPT = timedelta(days=30)
_NOTE_SUCCESS = timedelta(minutes=1)


class Delivering:
    """The transactions of one tenant's deliveries."""

    def __init__(self, context: ServiceContext) -> None:
        """Take the service."""
        self._context = context
        self._database = context.client[context.database_name]
        self._store = EventStore(context)
        self._random = random.SystemRandom()

    def endpoints(self) -> list[Endpoint]:
        """Give every endpoint."""
        return [endpoint_from(document) for document in self._database[WEBHOOKS].find().sort("_id", 1)]

    def active(self, endpoint_id: str) -> Endpoint | None:
        """Give an endpoint if something may be sent to it now."""
        document = self._database[WEBHOOKS].find_one({"_id": endpoint_id, "status": ACTIVE})
        return endpoint_from(document) if document is not None else None

    def has_due(self, endpoint: Endpoint, at: datetime) -> bool:
        """Whether something of it is due."""
        return self._database[DELIVERIES].find_one(_due(endpoint, at), {"_id": 1}) is not None

    def queue(self, endpoint: Endpoint, at: datetime) -> int:
        """Give the next events their deliveries; give how many positions it went on."""
        if endpoint.status == ACTIVE:
            where = {"endpoint_id": endpoint.id, "state": WAITING, "queued_at": {"$gte": endpoint.enabled_at}}
            if self._database[DELIVERIES].count_documents(where, limit=MOST_WAITING) >= MOST_WAITING:
                return 0
        try:
            reading = self._store.read(endpoint.position, types=endpoint.types, limit=CHUNK)
        except TooOldError as error:
            return self._skip(endpoint, error.oldest - 1)
        except AheadOfStoreError:
            # The store began anew below this place. Somebody who knows of it decides.
            head = self._store.head()
            self._change(endpoint.id, lambda one: replace(one.disabled(RESTORED, at), position=head))
            return 0
        if reading.next == endpoint.position:
            return 0
        return self._run(endpoint.id, lambda work: _queue(work, endpoint, reading, at))

    def take(self, endpoint_id: str, at: datetime) -> list[Delivery]:
        """Take in hand what is due, by position; of an endpoint that fails one at a time."""
        taken: list[Delivery] = []

        def run(work: UnitOfWork) -> Answer:
            taken.clear()
            # Written too, as disabling writes it: of two at once, one sees the other.
            endpoint = change_endpoint(work, endpoint_id, lambda one: one)
            if endpoint.status == ACTIVE:
                most = IN_HAND if endpoint.failing_since is None else 1
                found = work.find_where(DELIVERIES, _due(endpoint, at), sort=[("position", 1)], limit=most)
                taken.extend(replace(delivery_from(one), held_until=at + HELD) for one in found)
                for delivery in taken:
                    put(work, DELIVERY, delivery)
            return Answer(status=200)

        self._context.committer.execute(Command(run=run, aggregates=frozenset({endpoint_id})))
        return taken

    def note(self, delivery: Delivery, outcome: Outcome, at: datetime) -> None:
        """Note what an attempt met, also what it says of its endpoint."""
        draw = self._random.random()

        def run(work: UnitOfWork) -> Answer:
            work.preload(DELIVERIES, [delivery.id])
            known = delivery_from(work.get(DELIVERIES, delivery.id))
            put(work, DELIVERY, known.after(outcome, at, draw=lambda: draw))
            work.insert(ATTEMPTS, _attempt(delivery, outcome, at))
            document = work.find(WEBHOOKS, delivery.endpoint_id)
            if document is not None and not delivery.is_test:
                _note_health(work, endpoint_from(document), outcome, at)
            return Answer(status=200)

        self._context.committer.execute(Command(run=run, aggregates=frozenset({delivery.endpoint_id})))

    def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Let go of what was taken and not tried."""
        for delivery in deliveries:
            self._settle(delivery, lambda known: replace(known, held_until=None))

    def give_up(self, delivery: Delivery, why: str, at: datetime) -> None:
        """Give up what can never be sent."""
        self._settle(delivery, lambda known: known.given_up(why, at))

    def age(self, endpoint: Endpoint, at: datetime) -> Endpoint:
        """Warn of an endpoint, or disable it, when it has failed for so long."""
        if endpoint.aged(at) == endpoint:
            return endpoint
        return self._change(endpoint.id, lambda one: one.aged(at))

    def _settle(self, delivery: Delivery, change: Any) -> None:
        def run(work: UnitOfWork) -> Answer:
            put(work, DELIVERY, change(delivery_from(work.get(DELIVERIES, delivery.id))))
            return Answer(status=200)

        self._context.committer.execute(Command(run=run, aggregates=frozenset({delivery.endpoint_id})))

    def _change(self, endpoint_id: str, change: Any) -> Endpoint:
        changed: list[Endpoint] = []

        def run(work: UnitOfWork) -> Answer:
            changed[:] = [change_endpoint(work, endpoint_id, change)]
            return Answer(status=200)

        self._context.committer.execute(Command(run=run, aggregates=frozenset({endpoint_id})))
        return changed[0]

    def _skip(self, endpoint: Endpoint, to: int) -> int:
        """Go on from the oldest event that is kept, and count what was passed over, for everybody to see."""
        passed = to - endpoint.position
        self._change(endpoint.id, lambda one: replace(one, position=to, skipped=one.skipped + passed))
        return passed

    def _run(self, endpoint_id: str, run: Any) -> int:
        answer = self._context.committer.execute(Command(run=run, aggregates=frozenset({endpoint_id})))
        return int(answer.ids["moved"])


def _due(endpoint: Endpoint, at: datetime) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint.id,
        "state": WAITING,
        "next_at": {"$lte": at},
        "queued_at": {"$gte": endpoint.enabled_at},
        "$or": [{"held_until": None}, {"held_until": {"$lte": at}}],
    }


def _queue(work: UnitOfWork, endpoint: Endpoint, reading: Reading, at: datetime) -> Answer:
    document = work.find(WEBHOOKS, endpoint.id)
    if document is None or document["position"] != endpoint.position:
        # Removed, or somebody else went on meanwhile.
        return Answer(status=200, ids={"moved": 0})
    for event in reading.events:
        delivery = Delivery(
            id=f"{endpoint.id}.{event.position}",
            endpoint_id=endpoint.id,
            position=event.position,
            type=event.type,
            webhook_id=event.id.replace("/", "-"),
            queued_at=at,
            next_at=at,
            updated_at=at,
            expires_at=at + KEPT,
        )
        work.insert(DELIVERIES, DELIVERY.document(delivery))
    put(work, ENDPOINT, replace(endpoint_from(document), position=reading.next))
    return Answer(status=200, ids={"moved": reading.next - endpoint.position})


def _note_health(work: UnitOfWork, endpoint: Endpoint, outcome: Outcome, at: datetime) -> None:
    after = endpoint.after(outcome, at)
    told = endpoint.succeeded_at is not None and at - endpoint.succeeded_at < _NOTE_SUCCESS
    if outcome.succeeded and endpoint.failing_since is None and told:
        # Nobody needs each success to the second; a document less is written.
        return
    if after != endpoint:
        put(work, ENDPOINT, after)


def _attempt(delivery: Delivery, outcome: Outcome, at: datetime) -> dict[str, Any]:
    return ATTEMPT.changed(
        {"_id": new_id()},
        endpoint_id=delivery.endpoint_id,
        delivery_id=delivery.id,
        at=at,
        status=outcome.status,
        reason=outcome.reason,
        took_ms=outcome.took_ms,
        expires_at=at + ATTEMPTS_KEPT,
    )
