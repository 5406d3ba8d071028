"""Consent hears from case that somebody was erased: the gate says no for ever, and what was kept of them goes.

Promise: in one transaction, and in the survivor's turn, every episode is withheld, ledgers and facts are deleted with
the random ids that joined them to a person, and a tombstone stays: a decision, a file, an episode or words that come
before are undone by it, and what comes after finds nobody. Shown by tests/integration/consent/test_erasing.py, which
races each of them. Source: decisions 3; ADR 0055.
"""

from collections.abc import Iterable

from services.consent.drafts.documents import DRAFTS
from services.consent.gate.documents import EPISODES, GateStore
from services.consent.gate.stating import state_erased
from services.consent.ledger.documents import CONSENTS
from services.consent.ledger.people import PEOPLE, PersonStore, advocates_key
from shared.contracts.case import SurvivorErased
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear who was erased."""
    del context
    return [hears(SurvivorErased, erase, preload=_reads)]


def erase(received: Received[SurvivorErased], work: UnitOfWork) -> None:
    """Withhold what was stated, delete what was kept, and leave a tombstone; once, however often it is said."""
    survivor_id = received.event.survivor_id
    people = PersonStore(work)
    if people.is_erased(survivor_id):
        return
    for episode in GateStore(work).of_survivors([survivor_id]):
        state_erased(work, episode)
        work.delete(EPISODES, episode.id)
    for ledger in work.find_where(CONSENTS, {"survivor_id": survivor_id}):
        work.delete(CONSENTS, ledger["_id"])
    for draft in work.find_where(DRAFTS, {"survivor_id": survivor_id}):
        work.delete(DRAFTS, draft["_id"])
    people.bury(survivor_id)


def _reads(event: SurvivorErased) -> Iterable[tuple[str, str]]:
    yield PEOPLE, event.survivor_id
    yield PEOPLE, advocates_key(event.survivor_id)
