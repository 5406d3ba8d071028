"""What the ledger shows; plain rows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.consent.ledger.documents import CONSENTS, consent_row
from services.consent.ledger.people import PEOPLE, advocates_in, advocates_key
from services.consent.ledger.standing import EFFECTIVE
from shared.kernel.standing import Standing
from shared.outbox.unit_of_work import DocumentMissingError


class LedgerViews:
    """Reads from consent's own database."""

    def __init__(self, database: Database[dict[str, Any]], now: Callable[[], datetime]) -> None:
        """Take the database, and what tells the business time."""
        self._database = database
        self._now = now

    def consent(self, consent_id: str) -> dict[str, Any]:
        """Give a consent with its whole ledger; ``DocumentMissingError`` if there is none."""
        document = self._database[CONSENTS].find_one({"_id": consent_id})
        if document is None:
            raise DocumentMissingError(CONSENTS)
        return consent_row(document)

    def of_survivor(self, survivor_id: str) -> list[dict[str, Any]]:
        """Give all consents of a survivor."""
        return [consent_row(d) for d in self._database[CONSENTS].find({"survivor_id": survivor_id}).sort("purpose", 1)]

    def is_known(self, survivor_id: str) -> bool:
        """Whether consent has heard of a survivor; the document of their advocates is nobody's own."""
        found = self._database[PEOPLE].find_one({"_id": survivor_id, "person_id": {"$ne": None}}, {"_id": 1})
        return found is not None

    def advocates_of(self, survivor_id: str) -> frozenset[str]:
        """Give the advocates who may act on a survivor now, as far as consent has heard."""
        return advocates_in(self._database[PEOPLE].find_one({"_id": advocates_key(survivor_id)}), self._now())

    def standing_of(self, survivor_id: str, advocate_id: str) -> Standing | None:
        """Say whether an advocate is one of a survivor's, or covers for one now; None where neither is so."""
        document = self._database[PEOPLE].find_one({"_id": advocates_key(survivor_id)})
        if advocate_id not in advocates_in(document, self._now()):
            return None
        own = (document or {}).get("advocate_ids")
        return Standing.COVERING if own is not None and advocate_id not in own else Standing.ASSIGNED

    def run_out(self, now: datetime) -> list[str]:
        """Give the consents whose permission ran out and is not yet noted so."""
        query = {"status": {"$in": sorted(EFFECTIVE)}, "until": {"$lte": now}}
        return [d["_id"] for d in self._database[CONSENTS].find(query, {"_id": 1}).sort("until", 1).limit(500)]
