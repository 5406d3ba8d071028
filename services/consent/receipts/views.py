"""Receipts as they are shown; made anew each time from the ledger."""

from typing import Any

from pymongo.database import Database

from services.consent.ledger.documents import CONSENTS, consent_from
from services.consent.purposes.documents import BASES, basis_in
from services.consent.receipts.documents import OFFER, RECEIPTS
from services.consent.receipts.receipt import receipt_of
from services.consent.wordings.documents import WORDING, WORDINGS
from shared.outbox.unit_of_work import DocumentMissingError

MOST_OFFERS = 50


class ReceiptViews:
    """Reads from consent's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database

    def receipt(self, consent_id: str) -> dict[str, Any]:
        """Give a consent's receipt; ``DocumentMissingError`` if there is none."""
        document = self._database[CONSENTS].find_one({"_id": consent_id})
        if document is None:
            raise DocumentMissingError(CONSENTS)
        consent = consent_from(document)
        return receipt_of(consent, basis_in(self._database[BASES].find_one({"_id": consent.purpose})))

    def offers(self, consent_id: str) -> list[dict[str, Any]]:
        """Give what became of copies, the newest first."""
        found = self._database[RECEIPTS].find({"consent_id": consent_id}).sort("at", -1).limit(MOST_OFFERS)
        return [OFFER.row(OFFER.values(document)) for document in found]

    def text(self, code: str | None, text_hash: str | None) -> str | None:
        """Give the text that was read out, or None where it is not known."""
        document = self._database[WORDINGS].find_one({"_id": code}) if code is not None else None
        texts = WORDING.values(document)["texts"] if document is not None else ()
        return next((one["text"] for one in texts if one["hash"] == text_hash), None)
