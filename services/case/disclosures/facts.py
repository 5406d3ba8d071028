"""Case hears what consent answered, and that a yes ended: in the survivor's turn, so that giving comes before or after.

Promise: an answer about somebody else, to another asking or about other things changes nothing; a no that comes first
beats a permission that comes later. Shown by tests/integration/case/test_disclosure_races.py. Source: ADR 0070.
"""

from services.case.disclosures.documents import DisclosureStore
from services.case.disclosures.rules import Ended, Permission
from services.case.survivors.documents import SurvivorStore
from shared.contracts.disclosure import DisclosurePermitted, DisclosureRefused
from shared.contracts.withdrawal import WithdrawalAsked
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
    if not _takes_turn(work, event.survivor_id):
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
    if not _takes_turn(work, event.survivor_id):
        return
    store = DisclosureStore(work)
    before = store.find(event.disclosure_id, event.survivor_id)
    if before is not None:
        store.save(before, before.refused(event.permit_id, event.reason, at=event.decided_at))


def end_under(event: WithdrawalAsked, work: UnitOfWork) -> bool:
    """Let nothing go out under a yes that ended; give whether anything went out under it before."""
    if not _takes_turn(work, event.survivor_id):
        return False
    store, gone = DisclosureStore(work), False
    ended = Ended(consent_id=event.consent_id, sequence=event.consent_sequence)
    for before in store.concerned(event.survivor_id, event.purpose):
        after = before.after_the_end_of(ended, at=work.now)
        store.save(before, after)
        gone = gone or after.tell is not None
    return gone


def _takes_turn(work: UnitOfWork, survivor_id: str) -> bool:
    """Take the survivor's turn; False where case knows nobody of that name."""
    survivors = SurvivorStore(work)
    if not survivors.is_known(survivor_id):
        return False
    survivors.take_turn(survivor_id)
    return True
