"""Case hears what consent answered, in the survivor's turn, so that giving comes before it or after.

Promise: an answer about somebody else, to another asking or about other things changes nothing; a no that comes first
beats a permission that comes later. Shown by tests/integration/case/test_disclosures.py. Source: ADR 0070.
"""

from services.case.disclosures.documents import DisclosureStore
from services.case.disclosures.ending import takes_turn
from services.case.disclosures.rules import Permission
from shared.contracts.disclosure import DisclosurePermitted, DisclosureRefused
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear consent's answers."""
    del context
    return [hears(DisclosurePermitted, note_permitted), hears(DisclosureRefused, note_refused)]


def note_permitted(received: Received[DisclosurePermitted], work: UnitOfWork) -> None:
    """Note that it may be given, for minutes."""
    event = received.event
    if not takes_turn(work, event.survivor_id):
        return
    store = DisclosureStore(work)
    before = store.find(event.disclosure_id, event.survivor_id)
    if before is None:
        return
    said = Permission(
        permit_id=event.permit_id,
        binds=event.binds,
        consent_id=event.consent_id,
        consent_sequence=event.consent_sequence,
        said_at=event.said_at,
        text_hash=event.text_hash,
        decided_at=event.decided_at,
        until=event.until,
    )
    store.save(before, before.permitted(said))


def note_refused(received: Received[DisclosureRefused], work: UnitOfWork) -> None:
    """Note that it may not be given, or not any more."""
    event = received.event
    if not takes_turn(work, event.survivor_id):
        return
    store = DisclosureStore(work)
    before = store.find(event.disclosure_id, event.survivor_id)
    if before is not None:
        store.save(before, before.refused(event.permit_id, event.reason, at=event.decided_at))
