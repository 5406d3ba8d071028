"""What consent shows; plain rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.consent.domain import EFFECTIVE
from services.consent.store import CONSENTS, PEOPLE, WORDINGS, advocates_in, advocates_key, consent_from, lines_of
from shared.outbox.unit_of_work import DocumentMissingError
from shared.web.paging import Page, PageRequest, find_page


class ConsentViews:
    """Reads from consent's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database

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
        """Whether consent has heard of a survivor."""
        return self._database[PEOPLE].find_one({"_id": survivor_id}, {"_id": 1}) is not None

    def advocates_of(self, survivor_id: str) -> frozenset[str]:
        """Give the advocates who may act on a survivor, as far as consent has heard."""
        return advocates_in(self._database[PEOPLE].find_one({"_id": advocates_key(survivor_id)}))

    def survivor_of(self, consent_id: str) -> str:
        """Give whose consent it is; ``DocumentMissingError`` if there is none."""
        return str(self.consent(consent_id)["survivor_id"])

    def wordings(self, wanted: PageRequest) -> Page:
        """Give a page of the registered wordings."""
        return find_page(
            self._database[WORDINGS],
            wanted,
            where={"registrations.0": {"$exists": True}},
            row=lambda d: {
                "code": d["_id"],
                "registrations": [{k: v for k, v in r.items() if k != "code"} for r in d["registrations"]],
                "texts": d["texts"],
            },
        )

    def run_out(self, now: datetime) -> list[str]:
        """Give the consents whose permission ran out and is not yet noted so."""
        query = {"status": {"$in": sorted(EFFECTIVE)}, "until": {"$lte": now}}
        return [d["_id"] for d in self._database[CONSENTS].find(query, {"_id": 1}).sort("until", 1).limit(500)]

    def being_weighed(self) -> list[str]:
        """Give the codes of registered words for which people still wait to be weighed again."""
        return [d["_id"] for d in self._database[WORDINGS].find({"weighing": {"$ne": None}}, {"_id": 1})]


def consent_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a consent as the API shows it."""
    consent = consent_from(document)
    return {
        "id": consent.id,
        "survivor_id": consent.survivor_id,
        "purpose": consent.purpose,
        "status": consent.status,
        "until": consent.until(),
        "version": consent.version,
        "history": lines_of(document),
    }
