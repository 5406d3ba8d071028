"""What consent shows of stops: what was ended, what has gone already, and what still waits."""

from collections.abc import Mapping
from typing import Any

from services.consent.ledger.documents import CONSENTS
from services.consent.receipts.documents import RECEIPTS
from services.consent.stops.documents import STOP, STOPS, stop_from
from services.consent.stops.rules import OPEN
from services.consent.withdrawals.views import WithdrawalViews
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_COUNTED = 1_000


class StopViews:
    """Reads from consent's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take consent's context."""
        self._database = context.client[context.database_name]
        self._withdrawals = WithdrawalViews(self._database)
        self._now = context.clock.now

    def stops(self, wanted: PageRequest, *, state: str | None) -> Page:
        """Give a page of stops, the longest untouched first."""
        return find_page(self._database[STOPS], wanted, where={} if state is None else {"state": state}, row=self._row)

    def survivor_of(self, stop_id: str) -> str:
        """Give whose a stop is; ``DocumentMissingError`` if there is none."""
        return str(self._document(stop_id)["survivor_id"])

    def whole(self, stop_id: str) -> dict[str, Any]:
        """Give a stop with each permission that it ended, and who has still to answer.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self._document(stop_id)
        survivor_id, asked_at = document["survivor_id"], document["asked_at"]
        ids = [*document["ended"], *document["waiting"]]
        purposes = {
            one["_id"]: one["purpose"] for one in self._database[CONSENTS].find({"_id": {"$in": ids}}, {"purpose": 1})
        }
        proofs = [
            one
            for one in self._withdrawals.of_survivor(survivor_id, self._now())
            if one["consent_id"] in document["ended"] and one["recorded_at"] >= asked_at
        ]
        return {
            **self._row(document),
            "ended_purposes": sorted({purposes[one] for one in document["ended"] if one in purposes}),
            "waiting_purposes": sorted({purposes[one] for one in document["waiting"] if one in purposes}),
            "withdrawals": [
                {
                    "id": one["id"],
                    "purpose": one["purpose"],
                    "state": one["state"],
                    "open": sum(question["answer"] is None for question in one["questions"]),
                }
                for one in proofs
            ],
            "receipts": self._database[RECEIPTS].count_documents({"survivor_id": survivor_id}, limit=MOST_COUNTED),
        }

    def standing(self, survivor_id: str) -> dict[str, Any]:
        """Give the stop that stands of a person; nulls where none does."""
        found = self._database[STOPS].find_one({"survivor_id": survivor_id, "state": OPEN}) or {}
        return {"stop_id": found.get("_id"), "asked_at": found.get("asked_at")}

    def count_late(self) -> int:
        """Count those with whom nobody spoke in time, up to ``MOST_COUNTED``."""
        where = {"state": OPEN, "due_at": {"$lte": self._now()}}
        return self._database[STOPS].count_documents(where, limit=MOST_COUNTED)

    def _row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        row = STOP.row(STOP.values(document))
        return {
            **row,
            "ended": len(row["ended"]),
            "waiting": len(row["waiting"]),
            "late": stop_from(document).is_late(self._now()),
        }

    def _document(self, stop_id: str) -> dict[str, Any]:
        document = self._database[STOPS].find_one({"_id": stop_id})
        if document is None:
            raise DocumentMissingError(STOPS)
        return document
