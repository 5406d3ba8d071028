"""A relay's plan: which rows it publishes under which numbers, stored before the first publish, and fenced.

Promise: whoever takes a plan over writes a greater fencing number into it at once; from then on nobody with a
lesser one changes the plan or marks a row sent (``tests/kernel/test_fencing.py``). Rows are marked in the
transaction that writes what is left of the plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pymongo
from pymongo import MongoClient, ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.kernel.clock import real_now
from shared.kernel.errors import TemporarilyUnavailableError
from shared.outbox._rows import SENT
from shared.outbox._transactions import is_conflict, pause, transaction
from shared.outbox.unit_of_work import Document

DATABASE_LIMIT_S = 10.0
"""Longest wait of a relay for one exchange with the database."""
_ATTEMPTS = 5


class LeaseLostError(TemporarilyUnavailableError):
    """Another relay leads now; this one stops publishing."""

    code = "lease-lost"

    def __init__(self) -> None:
        """Nothing to add."""
        super().__init__("Another relay leads now.")


def plan_of(rows: Sequence[Document], before: Mapping[str, int], last: Mapping[str, int]) -> Document:
    """Give a plan: the rows' ids, and each consumer's number before the first and after the last of them."""
    return {"rows": [row["_id"] for row in rows], "before": dict(before), "last": dict(last)}


@dataclass(frozen=True, kw_only=True)
class Plans:
    """The stored plan of one relay by name.

    Each method but ``collection`` raises ``LeaseLostError`` where somebody with a greater number took over.
    """

    client: MongoClient[Document]
    database: str
    name: str

    def collection(self, name: str) -> Collection[Document]:
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
                    {"$set": {"fence": fence}, "$setOnInsert": plan_of((), {}, {})},
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

    def mark_sent(self, rows: Sequence[Document], plan: Document, fence: int) -> Document:
        """Mark rows sent and store what is left of the plan, both or neither; give the plan."""
        attempt = 0
        while True:
            try:
                self._mark_in_transaction([row["_id"] for row in rows], plan, fence)
            except PyMongoError as error:
                attempt += 1
                if attempt >= _ATTEMPTS or not is_conflict(error):
                    raise
                pause(attempt)
            else:
                return plan

    def _mark_in_transaction(self, row_ids: Sequence[str], plan: Document, fence: int) -> None:
        database = self.client[self.database]
        with transaction(self.client) as session:
            ours = {"_id": self.name, "fence": fence}
            if database["relay"].update_one(ours, {"$set": plan}, session=session).matched_count == 0:
                raise LeaseLostError
            database["outbox"].update_many(
                {"_id": {"$in": list(row_ids)}}, {"$set": {"status": SENT, "sent_at": real_now()}}, session=session
            )
