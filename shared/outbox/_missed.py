"""What one hearer missed of a source, made again as it was, for whoever hands it over.

Where two services hear of a fact and only one has lost its binding, nothing is unrouted: the other one took the
message. The gap in the stream of the one that lost it says which numbers it lacks, and the relay keeps which numbers
sent rows had, as long as the rows themselves.

Promise: a message that is made again has the id, the order key and the numbers that it had the first time, so that it
takes effect once, whatever became of the first one (``tests/kernel/test_missed.py``).

Limits: what was sent more than 30 days ago, or by a version that kept no numbers, cannot be made again. A gap is seen
only when something that was sent later has come; a mark does within a minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.read_concern import ReadConcern

from shared.bus.codec import Envelope, encode
from shared.bus.names import ATTEMPT, ORIGIN_USER, retry_key, user_name
from shared.bus.subscriptions import Subscription
from shared.kernel.streams import Ranges, from_document
from shared.kernel.tenancy import TenantId, database_name
from shared.outbox._batches import Batch, planned
from shared.outbox._plans import NUMBERS_PREFIX
from shared.outbox.unit_of_work import Document


@dataclass(frozen=True, kw_only=True)
class Missed:
    """Reads what the hearers of one tenant missed.

    Attributes:
        client: Of somebody who may read every service's database.
        broker_user: Whoever publishes what is made again.
    """

    client: MongoClient[Document]
    tenant_id: TenantId
    broker_user: str

    def gaps(self, subscription: Subscription) -> Ranges:
        """Give the numbers that a hearer lacks, though something came that was sent after them."""
        return from_document(self._collection(subscription.service, "streams").find_one(subscription.source)).missing()

    def again(self, subscription: Subscription, gaps: Ranges) -> Iterator[list[Envelope]]:
        """Make the messages of these numbers again, for this one hearer's queue; a list for each batch of its relay."""
        if not gaps:
            return
        service = subscription.service
        some_missing = {
            "_id": {"$regex": f"^{NUMBERS_PREFIX}"},
            f"last.{service}": {"$gte": gaps[0][0]},
            f"before.{service}": {"$not": {"$gte": gaps[-1][1]}},
        }
        for plan in self._collection(subscription.source, "relay").find(some_missing).sort("at", 1):
            found = {
                row["_id"]: row
                for row in self._collection(subscription.source, "outbox").find({"_id": {"$in": plan["rows"]}})
            }
            # Of a plan that lacks a row, the rows after it would get numbers of others.
            if len(found) == len(plan["rows"]):
                yield list(self._made(planned(plan, found, lambda _type: ()), subscription, gaps))

    def _made(self, batch: Batch, subscription: Subscription, gaps: Ranges) -> Iterator[Envelope]:
        for row, event, streams in batch.numbers():
            number = streams.get(subscription.service)
            if number is None or not any(low <= number <= high for low, high in gaps):
                continue
            envelope = encode(
                event=event,
                tenant_id=self.tenant_id,
                recorded_at=row["recorded_at"],
                broker_user=self.broker_user,
                streams=streams,
                traceparent=event.get("traceparent") or row.get("traceparent"),
            )
            origin = user_name(self.tenant_id, subscription.source)
            yield Envelope(
                # The way by which a retry comes back: to this queue, and to no other hearer's.
                routing_key=retry_key(subscription.service, subscription.source, 0),
                headers={**envelope.headers, ATTEMPT: 0, ORIGIN_USER: origin},
                properties=envelope.properties,
                body=envelope.body,
            )

    def _collection(self, service: str, name: str) -> Collection[Document]:
        database = self.client[database_name(self.tenant_id, service)]
        return database.get_collection(name, read_concern=ReadConcern("majority"))
