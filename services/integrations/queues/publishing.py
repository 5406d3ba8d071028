"""Puts events into the queues of the host's own systems, one after the other, each queue from its own cursor.

Promise: the cursor goes on only past what the broker confirmed, so that every event that fits comes into the queue at
least once, in order, with the same ``message_id`` each time; a full queue, or one that is not made, waits by itself and
harms no other, nor does one with which something unforeseen is wrong; an event that says yes never waits in a queue.
Shown by tests/integration/integrations/test_queues.py.
Limit: whoever is killed between a confirm and the cursor sends up to ``CHUNK`` events once more.
"""

import json
import threading
import time
from dataclasses import replace

from services.integrations.feed.envelopes import cloud_event
from services.integrations.queues.documents import (
    AHEAD,
    BROKER_AWAY,
    FULL,
    NOT_MADE,
    QUEUES,
    EventQueue,
    put,
    queue_from,
)
from services.integrations.store.keeping import blank
from services.integrations.store.reading import AheadOfStoreError, EventStore, Reading, TooOldError
from services.integrations.store.rules import ASK_THE_FEED, StoredEvent, says_yes
from shared.bus.codec import Envelope
from shared.bus.connection import BrokerAwayError
from shared.bus.names import INTEGRATORS, integrator_queue
from shared.bus.publisher import NotTakenError, Outgoing, Publisher, UnroutableError
from shared.kernel.clock import real_now
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.runtime.one_by_one import OneByOne
from shared.telemetry.logs import get_logger

CHUNK = 50
"""Events of one queue in a turn; then the next queue has its own."""
LOOK_AGAIN_S = 5.0
"""So long a queue that took nothing is left alone."""
CONTENT_TYPE = "application/cloudevents+json"

log = get_logger(__name__)


class Queueing:
    """Fills the queues of one tenant; for one thread."""

    def __init__(self, context: ServiceContext, *, look_again_s: float = LOOK_AGAIN_S) -> None:
        """Take the service; nothing is opened yet."""
        self._context = context
        self._store = EventStore(context)
        self._publisher = Publisher(context.settings.amqp_uri)
        self._look_again_s = look_again_s
        self._not_before: dict[str, float] = {}

    def step(self, asked: threading.Event) -> int:
        """Give every queue a turn; give how many there are."""
        found = {str(one["_id"]): one for one in self._context.client[self._context.database_name][QUEUES].find()}
        self._not_before = {one: at for one, at in self._not_before.items() if one in found}

        def serve(queue_id: str) -> None:
            if not asked.is_set() and time.monotonic() >= self._not_before.get(queue_id, 0.0):
                # Whatever ends this early; where all is well it is due again at once.
                self._not_before[queue_id] = time.monotonic() + self._look_again_s
                if self._serve(queue_from(found[queue_id]), asked):
                    del self._not_before[queue_id]

        try:
            OneByOne(service=self._context.service, job="queues").each(found, serve, name="fill")
        finally:
            # A host has a few events an hour: no connection is kept open for them.
            self._publisher.close()
        return len(found)

    def _serve(self, queue: EventQueue, asked: threading.Event) -> bool:
        """Give one queue its turn; give whether it took what there was."""
        try:
            reading = self._store.read(queue.position, types=queue.types, limit=CHUNK)
        except TooOldError as error:
            passed = error.oldest - 1 - queue.position
            self._note(queue, replace(queue, position=error.oldest - 1, skipped=queue.skipped + passed))
            return True
        except AheadOfStoreError:
            # The store began anew below this place. Somebody who knows of it asks for another queue.
            self._note(queue, replace(queue, waits_for=AHEAD))
            return False
        reached, why = self._publish(queue, reading, asked)
        self._note(queue, replace(queue, position=reached, waits_for=why))
        return why is None

    def _publish(self, queue: EventQueue, reading: Reading, asked: threading.Event) -> tuple[int, str | None]:
        """Publish one by one; give how far all was confirmed, and why no further."""
        reached = queue.position
        for event in reading.events:
            if asked.is_set():
                return reached, queue.waits_for
            try:
                # One by one: of several at once a nearly full queue takes some, and would get those again and again.
                self._publisher.publish([self._message(queue, event)])
            except UnroutableError:
                return reached, NOT_MADE
            except NotTakenError:
                return reached, FULL
            except BrokerAwayError:
                log.warning("the broker does not take events for integrators", target=queue.id)
                return reached, BROKER_AWAY
            reached = event.position
        return reading.next, None

    def _message(self, queue: EventQueue, event: StoredEvent) -> Outgoing:
        # What waits in a queue cannot be called back; the feed answers as of the day it is asked.
        if says_yes(event.type, event.data):
            event = replace(blank(event), left_out=ASK_THE_FEED)
        content = cloud_event(event, self._context.tenant_id)
        return Outgoing(
            exchange=INTEGRATORS,
            mandatory=True,
            envelope=Envelope(
                routing_key=integrator_queue(queue.id),
                headers={},
                properties={
                    "content_type": CONTENT_TYPE,
                    "delivery_mode": 2,
                    "message_id": event.id.replace("/", "-"),
                    "type": content["type"],
                },
                body=json.dumps(content, separators=(",", ":")).encode(),
            ),
        )

    def _note(self, before: EventQueue, after: EventQueue) -> None:
        if after == before:
            return

        def run(work: UnitOfWork) -> Answer:
            document = work.find(QUEUES, before.id)
            # Removed meanwhile, or somebody else went on: then what they noted stands.
            if document is not None and document["position"] == before.position:
                put(work, replace(after, updated_at=real_now()))
            return Answer(status=200)

        self._context.committer.execute(Command(run=run, aggregates=frozenset({before.id})))
