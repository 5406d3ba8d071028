"""What is shown of those who are to be asked again; plain rows, read from consent's own database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.consent.again.rules import ASKED_AGAIN, judge
from services.consent.ledger.documents import CONSENTS, consent_from
from services.consent.ledger.people import stopped_among
from services.consent.ledger.standing import RECONFIRM
from services.consent.wordings.documents import WORDINGS, wordings_from
from services.consent.wordings.rules import Wording
from shared.web.listing import Page, PageRequest, find_page

MOST_CODES = 200


class AskingViews:
    """Reads ledgers whose yes does not count."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database

    def again(self, wanted: PageRequest, now: datetime) -> Page:
        """Give a page of them, oldest change first; nobody for whom everything is stopped."""
        found = find_page(
            self._database[CONSENTS], wanted, where={"status": {"$in": list(ASKED_AGAIN)}}, row=lambda d: d
        )
        stopped = stopped_among(self._database, (d["survivor_id"] for d in found.items))
        asked = [document for document in found.items if document["survivor_id"] not in stopped]
        words = self._words({c for d in asked if (c := _code_of(d)) is not None})
        rows = [self._row(document, words.get(_code_of(document) or "", []), now) for document in asked]
        return Page(items=[row for row in rows if row is not None], next=found.next)

    def count(self) -> int:
        """Count the yeses of files that do not count."""
        return self._database[CONSENTS].count_documents({"status": {"$in": list(ASKED_AGAIN)}})

    def waiting_words(self) -> list[dict[str, Any]]:
        """Give the codes for whose registration yeses of files wait, with how many; the most wanted first."""
        waiting = {"status": RECONFIRM, "statement.stated": "GIVEN", "statement.wording_code": {"$ne": None}}
        counted = self._database[CONSENTS].aggregate(
            [
                {"$match": waiting},
                {"$group": {"_id": "$statement.wording_code", "people": {"$sum": 1}}},
                {"$sort": {"people": -1, "_id": 1}},
                {"$limit": MOST_CODES},
            ]
        )
        rows = [{"code": row["_id"], "people": row["people"]} for row in counted]
        known = self._words({row["code"] for row in rows})
        return [{**row, "registered": bool(known.get(row["code"]))} for row in rows]

    def _words(self, codes: set[str]) -> dict[str, list[Wording]]:
        found = self._database[WORDINGS].find({"_id": {"$in": sorted(codes)}})
        return {document["_id"]: wordings_from(document) for document in found}

    @staticmethod
    def _row(document: Mapping[str, Any], words: list[Wording], now: datetime) -> dict[str, Any] | None:
        consent = consent_from(document)
        verdict = judge(consent, words, now)
        if verdict is None or consent.current is None:
            return None
        return {
            "id": consent.id,
            "survivor_id": consent.survivor_id,
            "purpose": consent.purpose,
            "status": consent.status,
            "since": consent.current.said_at,
            "why": list(verdict.why),
            "wording_code": consent.statement.wording_code if consent.statement is not None else None,
            "not_before": verdict.not_before,
            "never": verdict.never,
            "version": consent.version,
        }


def _code_of(document: Mapping[str, Any]) -> str | None:
    code: str | None = (document.get("statement") or {}).get("wording_code")
    return code
