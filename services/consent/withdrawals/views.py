"""Withdrawals as they are shown; plain rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.consent.withdrawals.documents import PROOF, WITHDRAWALS, proof_from
from services.consent.withdrawals.rules import OPEN
from shared.outbox.unit_of_work import DocumentMissingError
from shared.web.listing import Page, PageRequest, find_page

MOST_OF_ONE = 200


class WithdrawalViews:
    """Reads from consent's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._proofs = database[WITHDRAWALS]

    def waiting(self, wanted: PageRequest, now: datetime) -> Page:
        """Give a page of those of which somebody has not answered, the longest untouched first."""
        return find_page(self._proofs, wanted, where={"state": OPEN}, row=lambda document: proof_row(document, now))

    def count(self) -> tuple[int, int]:
        """Count those that wait, and those of which somebody is late."""
        waiting = self._proofs.count_documents({"state": OPEN})
        return waiting, self._proofs.count_documents({"state": OPEN, "late_since": {"$ne": None}})

    def of_survivor(self, survivor_id: str, now: datetime) -> list[dict[str, Any]]:
        """Give all of one survivor, the newest first."""
        found = self._proofs.find({"survivor_id": survivor_id}).sort("recorded_at", -1).limit(MOST_OF_ONE)
        return [proof_row(document, now) for document in found]

    def proof(self, withdrawal_id: str, now: datetime) -> dict[str, Any]:
        """Give one; ``DocumentMissingError`` if there is none."""
        document = self._proofs.find_one({"_id": withdrawal_id})
        if document is None:
            raise DocumentMissingError(WITHDRAWALS)
        return proof_row(document, now)


def proof_row(document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Give a proof as the API shows it: who was asked, and what each answered."""
    proof = proof_from(document)
    late = {one.id for one in proof.late(now)}
    row = PROOF.row(PROOF.values(document))
    del row["late_since"]
    names = ("id", "party", "kind", "due_at", "asked", "answer", "finding", "legal_reason", "answered_at")
    questions = [
        {**{name: getattr(one, name) for name in names}, "periods": list(one.periods), "late": one.id in late}
        for one in proof.questions
    ]
    return {**row, "questions": questions}
