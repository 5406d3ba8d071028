"""A yes ended: nothing goes out under it any more, and whoever has something of it is to be told.

Promise: it takes the survivor's turn, so that giving comes before it, and somebody is told, or after, and is refused.
Shown by tests/integration/case/test_disclosures.py. Source: ADR 0070.
"""

from services.case.disclosures.documents import DisclosureStore
from services.case.disclosures.rules import Ended
from services.case.survivors.documents import SurvivorStore
from shared.contracts.withdrawal import WithdrawalAsked
from shared.outbox.unit_of_work import UnitOfWork


def end_under(event: WithdrawalAsked, work: UnitOfWork) -> bool:
    """Let nothing go out under a yes that ended; give whether anything went out under it before.

    Where nothing is asked about, permitted or given, nothing is written, and nobody's support is touched by a no. What
    is asked about from now on is answered by a ledger that knows of it.
    """
    store, gone = DisclosureStore(work), False
    concerned = store.concerned(event.survivor_id, event.purpose)
    if not concerned or not takes_turn(work, event.survivor_id):
        return False
    ended = Ended(consent_id=event.consent_id, sequence=event.consent_sequence)
    for before in concerned:
        after = before.after_the_end_of(ended, at=work.now)
        store.save(before, after)
        gone = gone or after.tell is not None
    return gone


def takes_turn(work: UnitOfWork, survivor_id: str) -> bool:
    """Take the survivor's turn; False where case knows nobody of that name."""
    survivors = SurvivorStore(work)
    if not survivors.is_known(survivor_id):
        return False
    survivors.take_turn(survivor_id)
    return True
