"""A copy of a receipt is offered, and the survivor takes it or would rather not hold it."""

from dataclasses import dataclass
from typing import ClassVar

from services.consent.ledger.documents import ConsentStore
from services.consent.ledger.people import PersonStore
from services.consent.receipts.documents import OFFER, RECEIPTS, Offer
from shared.codelists.lists import get
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OfferReceipt(DomainCommand):
    """What became of a copy."""

    action: ClassVar[str] = "consent:receipt:offer"

    consent_id: str
    survivor_id: str
    answer: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The consent's id."""
        return self.consent_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn is taken."""
        return frozenset({self.survivor_id})


def offer_receipt(command: OfferReceipt, work: UnitOfWork) -> Answer:
    """Note what became of a copy; the ledger stays as it is.

    Raises:
        UnknownCodeError: There is no such answer; nothing is noted.
        DocumentMissingError: There is no such consent.
    """
    get("receipt_answer").require(command.answer)
    PersonStore(work).take_turn(command.survivor_id)
    consent = ConsentStore(work).get(command.consent_id)
    offer = Offer(
        id=new_id(),
        consent_id=consent.id,
        survivor_id=consent.survivor_id,
        consent_version=consent.version,
        answer=command.answer,
        actor_id=command.actor_id,
        at=work.now,
    )
    work.insert(RECEIPTS, OFFER.document(offer))
    return Answer(status=201, ids={"id": offer.id})
