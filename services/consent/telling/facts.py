"""Consent hears from case who stood here before integrators were served, and tells where their decisions stand.

Case alone knows who was erased, so it begins. The survivor's turn is taken, so that a decision of this moment comes
before or after this, and its own event with it.
Shown by tests/integration/integrations/test_telling.py. Source: ADR 0044.
"""

from collections.abc import Iterable

from services.consent.ledger.documents import CONSENTS, consent_from
from services.consent.ledger.keeping import stands
from services.consent.ledger.people import PEOPLE, PersonStore
from shared.contracts.case import SurvivorTold
from shared.contracts.consent import StatusTold
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear who stood here."""
    del context
    return [hears(SurvivorTold, tell, preload=_reads)]


def tell(received: Received[SurvivorTold], work: UnitOfWork) -> None:
    """Tell where each decision of a survivor stands, of which anything was ever stated."""
    survivor_id = received.event.survivor_id
    if not PersonStore(work).try_turn(survivor_id):
        return
    for document in work.find_where(CONSENTS, {"survivor_id": survivor_id}, sort=[("_id", 1)]):
        consent = consent_from(document)
        if consent.entries:
            work.record(StatusTold(**stands(consent, work.now)), sequence=consent.version)


def _reads(event: SurvivorTold) -> Iterable[tuple[str, str]]:
    yield PEOPLE, event.survivor_id
