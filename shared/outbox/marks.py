"""Marks: how a service says that everything it recorded by a moment is out, numbered and complete.

Transactions are cut at 10 s and a mark through T leaves at T + 15 s by real time, after the relay has
drained what a majority read showed; so no row recorded by T can still appear. After the business clock
was moved, marks wait until every transaction begun before has ended.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from pymongo import MongoClient

from shared.bus.codec import encode
from shared.bus.publisher import Outgoing, Publisher
from shared.bus.topology import Topology, events_exchange
from shared.contracts.marks import MARKS, AppliedThrough, StreamEnd
from shared.kernel.clock import BusinessClock
from shared.kernel.ids import new_event_id
from shared.outbox.streams import from_document
from shared.outbox.unit_of_work import Document


@dataclass(kw_only=True)
class MarkSender:
    """Sends the marks of one service; ``on_drained`` of its relay calls it.

    Attributes:
        settle_s: Seconds a mark lies behind real time; more than a transaction may last.
        every_s: Seconds between marks.
    """

    client: MongoClient[Document]
    database: str
    topology: Topology
    service: str
    publisher: Publisher
    broker_user: str
    clock: BusinessClock
    settle_s: float = 15.0
    every_s: float = 60.0
    _sent_at: float = field(default=float("-inf"), init=False)

    def on_drained(self, started: datetime, last: Mapping[str, int]) -> None:
        """Send a mark when one is due.

        Args:
            started: Real time at which the read began that found nothing more to relay.
            last: The last number given in each consumer's stream.

        Raises:
            BrokerAwayError: It was not confirmed; the relay comes again.
        """
        offset = self.clock.offset()
        if time.monotonic() - self._sent_at < self.every_s:
            return
        if (started - offset.changed_at).total_seconds() < self.settle_s:
            return
        consumers = self._consumers()
        if not consumers:
            return
        through = started + timedelta(seconds=offset.seconds - self.settle_s)
        ends = tuple(StreamEnd(consumer=c, last_stream_n=last.get(c, 0)) for c in consumers)
        mark = MARKS[self.service](service=self.service, through=through, ends=ends, applied=self._applied())
        event_type = mark.event_type
        envelope = encode(
            event={
                "id": new_event_id(),
                "type": event_type,
                "subject": mark.subject,
                "sequence": 1,
                "body": msgspec.json.encode(mark),
            },
            tenant_id=self.topology.tenant_id,
            recorded_at=through,
            broker_user=self.broker_user,
            streams={},
        )
        self.publisher.publish([Outgoing(exchange=events_exchange(self.service), envelope=envelope)])
        self._sent_at = time.monotonic()

    def _consumers(self) -> Sequence[str]:
        mark_type = MARKS[self.service].event_type
        return [
            s.service
            for s in self.topology.subscriptions
            if s.source == self.service and not s.external and mark_type in s.routing_keys
        ]

    def _applied(self) -> tuple[AppliedThrough, ...]:
        found = []
        for document in self.client[self.database]["streams"].find():
            progress = from_document(document)
            if progress.applied_through is not None:
                found.append(AppliedThrough(source=document["_id"], through=progress.applied_through))
        return tuple(found)
