"""Who reads events, and whose a consumer is: a machine's own, or anybody's for those who run the host."""

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from services.integrations.consumers.documents import CONSUMERS
from shared.kernel.tenancy import Principal

SCOPE = "events:read"
READERS = ("HOST_ADMIN", "HOST_DPO")
"""People who may see what the host's systems see; a machine needs the scope."""


def known_to(who: Principal, consumer: Mapping[str, Any]) -> bool:
    """Whether a caller may use a consumer: its owner, or one of those people."""
    return who.role in READERS or consumer["owner_id"] == who.actor_id


class Consumers:
    """Reads consumers from integrations' own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._consumers = database[CONSUMERS]

    def find(self, name: str) -> dict[str, Any] | None:
        """Give a consumer's document, or None."""
        return self._consumers.find_one({"_id": name})
