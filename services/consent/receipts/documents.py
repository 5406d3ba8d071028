"""What became of each copy of a receipt: one document an offer, never changed; it goes when its person is erased."""

from dataclasses import dataclass
from datetime import datetime

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

RECEIPTS = "receipts"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One offer of a copy.

    Attributes:
        consent_version: Of the ledger that the copy shows.
        answer: A code of the list ``receipt_answer``.
    """

    id: str
    consent_id: str
    survivor_id: str
    consent_version: int
    answer: str
    actor_id: str
    at: datetime


OFFER = DocumentType(
    collection=RECEIPTS,
    fields=(
        Field(name="consent_id", holds=Holds.ID),
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="consent_version", holds=Holds.COUNT),
        Field(name="answer", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("consent_id", 1), ("at", 1)]), IndexModel([("survivor_id", 1)])),
)
TYPES = (OFFER,)
