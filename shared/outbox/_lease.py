"""A lease with a fencing number, by the database's clock, so that one relay at a time leads.

Promise: whoever took the lease later has a greater number, and every write that matters compares it; a
relay that slept past its lease can repeat a message, never number or mark one. That begins with the new
leader's first act, which writes its number where those writes look (``Relay``;
``tests/kernel/test_fencing.py``).
"""

import contextlib
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from shared.kernel.ids import new_id

LEASE_MS = 10_000


class Lease:
    """One named lease in a service's database."""

    def __init__(self, collection: Collection[dict[str, Any]], name: str, *, lease_ms: int = LEASE_MS) -> None:
        """Choose a name of our own; nothing is taken yet."""
        self._collection = collection.with_options(write_concern=WriteConcern("majority"))
        self._name = name
        self._lease_ms = lease_ms
        self._owner = new_id()

    def take(self, *, lapsed_s: float = 0.0) -> int | None:
        """Take or renew the lease; give its fencing number, or None while another holds it.

        Args:
            lapsed_s: Leave it to its last owner until it has been nobody's for so long.
        """
        long_ago = {"$subtract": ["$$NOW", int(lapsed_s * 1000)]}
        free = {"$or": [{"owner": self._owner}, {"$expr": {"$lt": ["$until", long_ago]}}]}
        mine = {"$eq": ["$owner", self._owner]}
        step = {
            "$set": {
                "fence": {"$cond": [mine, "$fence", {"$add": ["$fence", 1]}]},
                "until": {"$add": ["$$NOW", self._lease_ms]},
                "owner": self._owner,
            }
        }
        lease = self._collection.find_one_and_update(
            {"_id": self._name, **free}, [step], return_document=ReturnDocument.AFTER
        )
        if lease is None and self._begin():
            return self.take(lapsed_s=lapsed_s)
        return int(lease["fence"]) if lease is not None else None

    def _begin(self) -> bool:
        """Make the lease document where there is none yet; the server refuses an upsert with its clock."""
        with contextlib.suppress(DuplicateKeyError):
            long_ago = datetime(1970, 1, 1, tzinfo=UTC)
            self._collection.insert_one({"_id": self._name, "owner": "", "fence": 0, "until": long_ago})
            return True
        return False

    def release(self) -> None:
        """Let the next one lead at once."""
        with contextlib.suppress(Exception):
            self._collection.update_one(
                {"_id": self._name, "owner": self._owner}, [{"$set": {"until": {"$subtract": ["$$NOW", 1]}}}]
            )
