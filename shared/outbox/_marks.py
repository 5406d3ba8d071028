"""Marks: how a service says that everything it recorded by a moment is out, numbered and complete.

Transactions are cut at 10 s and a mark through T leaves at T + 15 s by the database server's clock, which
is the clock of whatever is recorded too (``shared.outbox._server_clock``), after the relay has drained what a
majority read showed; so no row recorded by T can still appear. What a mark says to be applied was read
before those rows, so that every row that follows from it has a number. After the business clock was moved,
marks wait until every transaction begun before has ended. All of it: ``tests/kernel/test_marks.py``.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
import pymongo
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from shared.bus.codec import encode
from shared.bus.names import events_exchange
from shared.bus.publisher import Outgoing, Publisher
from shared.bus.topology import Topology
from shared.contracts.marks import MARKS, AppliedThrough, StreamEnd
from shared.kernel.clock import BusinessClock, boot_seconds
from shared.kernel.ids import new_event_id
from shared.kernel.streams import from_document
from shared.outbox._server_clock import SKEW_LIMIT_S, ServerClock
from shared.outbox.unit_of_work import Document
from shared.telemetry.logs import get_logger

_READ_LIMIT_S = 10.0

log = get_logger(__name__)


@dataclass(kw_only=True)
class MarkSender:
    """Sends the marks of one service; ``before_read`` and ``on_drained`` of its relay call it.

    A machine whose clock is more than two seconds from the server's sends none: what else it measures by that
    clock would be wrong, and the mark that grows old says so (docs/runbooks/mark-old.md).

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
    _applied: tuple[AppliedThrough, ...] = field(default=(), init=False)

    def before_read(self) -> None:
        """Note what is applied, before the rows are read that may follow from it; only when a mark is due."""
        self._applied = self._read_applied() if self._is_due() else ()

    def on_drained(self, started: datetime, last: Mapping[str, int]) -> None:
        """Send a mark when one is due.

        Args:
            started: The server's real time before the read after which everything had been relayed.
            last: The last number given in each consumer's stream.

        Raises:
            BrokerAwayError: It was not confirmed; the relay comes again.
        """
        applied, self._applied = self._applied, ()
        if not self._is_due() or self._refuses():
            return
        offset = self.clock.offset()
        if (started - offset.changed_at).total_seconds() < self.settle_s:
            return
        consumers = self._consumers()
        through = started + timedelta(seconds=offset.seconds - self.settle_s)
        ends = tuple(StreamEnd(consumer=c, last_stream_n=last.get(c, 0)) for c in consumers)
        mark = MARKS[self.service](service=self.service, through=through, ends=ends, applied=applied)
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
        self._sent_at = boot_seconds()

    def due_in_s(self) -> float:
        """Give the seconds until the next mark may leave; never, where nobody hears it."""
        return max(0.0, self._sent_at + self.every_s - boot_seconds()) if self._consumers() else math.inf

    def _is_due(self) -> bool:
        return self.due_in_s() <= 0

    def _refuses(self) -> bool:
        if not hasattr(self, "_server_clock"):
            self._server_clock = ServerClock(self.client, self.clock.now)
        if abs(self._server_clock.skew_s()) <= SKEW_LIMIT_S:
            return False
        log.warning("no mark leaves: this machine's clock is wrong", service=self.service)
        self._sent_at = boot_seconds()
        return True

    def _consumers(self) -> Sequence[str]:
        mark_type = MARKS[self.service].event_type
        return [
            s.service
            for s in self.topology.subscriptions
            if s.source == self.service and not s.external and mark_type in s.routing_keys
        ]

    def _read_applied(self) -> tuple[AppliedThrough, ...]:
        streams = self.client[self.database].get_collection("streams", read_concern=ReadConcern("majority"))
        with pymongo.timeout(_READ_LIMIT_S):
            found = [(document["_id"], from_document(document).applied_through) for document in streams.find()]
        return tuple(AppliedThrough(source=source, through=at) for source, at in found if at is not None)
