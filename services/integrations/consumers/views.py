"""What is shown of consumers; plain rows."""

from typing import Any

from pymongo.database import Database

from services.integrations.consumers.access import READERS
from services.integrations.consumers.commands import MOST_CONSUMERS
from services.integrations.consumers.documents import CONSUMER, CONSUMERS
from services.integrations.store.reading import Bounds, EventStore
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import DocumentMissingError


class ConsumerViews:
    """Reads from integrations' own database."""

    def __init__(self, database: Database[dict[str, Any]], store: EventStore) -> None:
        """Take the database, and the store whose head a lag is counted from."""
        self._consumers = database[CONSUMERS]
        self._store = store

    def one(self, name: str) -> dict[str, Any]:
        """Give one consumer.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self._consumers.find_one({"_id": name})
        if document is None:
            raise DocumentMissingError(CONSUMERS)
        return consumer_row(document, self._store.bounds())

    def all(self, who: Principal) -> list[dict[str, Any]]:
        """Give every consumer that a caller may see, by name; there are few."""
        where = {} if who.role in READERS else {"owner_id": who.actor_id}
        bounds = self._store.bounds()
        found = self._consumers.find(where).sort("_id", 1).limit(MOST_CONSUMERS)
        return [consumer_row(document, bounds) for document in found]


def consumer_row(document: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    """Give a consumer as the API shows it."""
    row = CONSUMER.row(CONSUMER.values(document))
    return {
        "name": row.pop("id"),
        **row,
        "head": bounds.head,
        "lag": max(0, bounds.head - row["position"]),
        "too_old": row["position"] + 1 < bounds.oldest,
    }
