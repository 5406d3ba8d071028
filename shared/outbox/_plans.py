"""A relay's plan: which rows it publishes under which numbers, stored before the first publish, and fenced.

Promise: whoever takes a plan over writes a greater fencing number into it at once; from then on nobody with a
lesser one changes the plan or marks a row sent (``tests/kernel/test_fencing.py``). Rows are marked in the
transaction that writes what is left of the plan.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pymongo
from pymongo import InsertOne, MongoClient, ReturnDocument, UpdateOne
from pymongo.collection import Collection as MongoCollection
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.kernel.clock import real_now
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.outbox._batches import Batch, plan_of
from shared.outbox._rows import NEW, SENT
from shared.outbox._transactions import is_conflict, pause, transaction
from shared.outbox.unit_of_work import Document

DATABASE_LIMIT_S = 10.0
"""Longest wait of a relay for one exchange with the database."""
UNROUTED_WAIT = timedelta(seconds=30)
"""For so long a row that no queue took is left alone before it is tried again; it never ends but by being sent."""
NUMBERS_PREFIX = "numbers:"
"""Before the ids of what tells which numbers sent rows had, beside plan and lease; gone when the rows are."""
_ATTEMPTS = 5


class LeaseLostError(TemporarilyUnavailableError):
    """Another relay leads now; this one stops publishing."""

    code = "lease-lost"

    def __init__(self) -> None:
        """Nothing to add."""
        super().__init__("Another relay leads now.")


@dataclass(frozen=True, kw_only=True)
class Plans:
    """The stored plan of one relay by name.

    Each method but ``collection`` raises ``LeaseLostError`` where somebody with a greater number took over.
    """

    client: MongoClient[Document]
    database: str
    name: str

    def collection(self, name: str) -> MongoCollection[Document]:
        """Give a collection whose reads and writes are a majority's, so that no change of primary undoes them."""
        return self.client[self.database].get_collection(
            name, read_concern=ReadConcern("majority"), write_concern=WriteConcern("majority")
        )

    def take_over(self, fence: int) -> Document:
        """Read the plan by a write, which is what fences off whoever led before."""
        try:
            with pymongo.timeout(DATABASE_LIMIT_S):
                plan = self.collection("relay").find_one_and_update(
                    {"_id": self.name, "fence": {"$lte": fence}},
                    {"$set": {"fence": fence}, "$setOnInsert": plan_of(Batch(rows=(), before={}, last={}))},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
        except DuplicateKeyError as error:
            raise LeaseLostError from error
        return dict(plan or {})

    def write(self, plan: Document, fence: int) -> Document:
        """Store a plan; give it."""
        with pymongo.timeout(DATABASE_LIMIT_S):
            result = self.collection("relay").update_one({"_id": self.name, "fence": fence}, {"$set": plan})
        if result.matched_count == 0:
            raise LeaseLostError
        return plan

    def is_waiting(self, routes: Iterable[str]) -> bool:
        """Whether a row waits that may be sent now."""
        with pymongo.timeout(DATABASE_LIMIT_S):
            return self.collection("outbox").find_one(_sendable(routes), {"_id": 1}) is not None

    def waiting(self, routes: Iterable[str], most_events: int) -> tuple[list[Document], bool]:
        """Read what may be sent now, oldest first, up to a limit of events; say whether that is all."""
        rows: list[Document] = []
        events = 0
        # Row by row, so that no batch is larger in memory than its limit of events.
        with (
            pymongo.timeout(DATABASE_LIMIT_S),
            self.collection("outbox").find(_sendable(routes)).sort("_id", 1).batch_size(100) as cursor,
        ):
            for row in cursor:
                rows.append(row)
                events += len(row["events"])
                if events >= most_events:
                    break
        return rows, events < most_events

    def rows(self, row_ids: Sequence[str]) -> dict[str, Document]:
        """Read rows of a plan, by id."""
        with pymongo.timeout(DATABASE_LIMIT_S):
            return {row["_id"]: row for row in self.collection("outbox").find({"_id": {"$in": list(row_ids)}})}

    def mark_sent(
        self,
        rows: Sequence[Document],
        plan: Document,
        fence: int,
        *,
        unrouted: Collection[str] = frozenset(),
        numbers: Document | None = None,
    ) -> Document:
        """Mark rows sent and store what is left of the plan, both or neither; give the plan.

        Args:
            rows: What was published.
            plan: What is left.
            fence: Ours.
            unrouted: Ids of those rows which no queue took: they stay new, and wait before they are tried again.
            numbers: What tells which numbers these rows had (``kept_numbers``); it is kept as long as they are.
        """
        attempt = 0
        while True:
            try:
                self._mark_in_transaction([row["_id"] for row in rows], unrouted, plan, fence, numbers)
            except PyMongoError as error:
                attempt += 1
                if attempt >= _ATTEMPTS or not is_conflict(error):
                    raise
                pause(attempt)
            else:
                return plan

    def _mark_in_transaction(
        self,
        row_ids: Sequence[str],
        unrouted: Collection[str],
        plan: Document,
        fence: int,
        numbers: Document | None,
    ) -> None:
        database = self.client[self.database]
        at = real_now()
        ours = {"_id": self.name, "fence": fence}
        writes: list[UpdateOne | InsertOne[Document]] = [UpdateOne(ours, {"$set": plan})]
        if numbers is not None:
            writes.append(InsertOne({"_id": NUMBERS_PREFIX + new_id(), **numbers, "at": at}))
        with transaction(self.client) as session:
            if database["relay"].bulk_write(writes, session=session).matched_count == 0:
                raise LeaseLostError
            sent = [row_id for row_id in row_ids if row_id not in unrouted]
            database["outbox"].update_many(
                {"_id": {"$in": sent}}, {"$set": {"status": SENT, "sent_at": at}}, session=session
            )
            if unrouted:
                waits = {"$set": {"unrouted_at": real_now()}}
                database["outbox"].update_many({"_id": {"$in": sorted(unrouted)}}, waits, session=session)


def _sendable(routes: Iterable[str]) -> Document:
    """Give the query of what may be sent now; what came back waits, so that it is not all that a relay does."""
    return {
        "status": NEW,
        "route": {"$in": list(routes)},
        "unrouted_at": {"$not": {"$gt": real_now() - UNROUTED_WAIT}},
    }
