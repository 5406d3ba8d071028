"""Consent hears whose use is restricted, and whose no longer: the gate states their episodes anew, in their turn.

Promise: while one holds nothing of them is released, whatever the ledger says; a no is kept as ever. Once it is lifted
each episode is judged anew, by the ledger as it stands then, and as of then. Of two that come in the wrong order the
newer counts. Shown by tests/integration/consent/test_restricting.py.
"""

from datetime import datetime

from services.consent.gate.documents import GateStore
from services.consent.gate.stating import state_episode
from services.consent.ledger.people import PersonStore
from shared.contracts.restriction import ProcessingRestricted, RestrictionLifted
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear of restrictions."""
    del context
    return [hears(ProcessingRestricted, note_restricted), hears(RestrictionLifted, note_lifted)]


def note_restricted(received: Received[ProcessingRestricted], work: UnitOfWork) -> None:
    """Withhold what may be counted of somebody whose use is restricted."""
    _note(received.event.survivor_id, received.sequence, work, since=received.recorded_at, at=received.recorded_at)


def note_lifted(received: Received[RestrictionLifted], work: UnitOfWork) -> None:
    """Judge anew what may be counted of somebody whose use is restricted no longer."""
    _note(received.event.survivor_id, received.sequence, work, since=None, at=received.recorded_at)


def _note(survivor_id: str, sequence: int, work: UnitOfWork, *, since: datetime | None, at: datetime) -> None:
    people = PersonStore(work)
    if people.try_turn(survivor_id) and people.note_restriction(survivor_id, sequence, since=since, at=at):
        for episode in GateStore(work).of_survivors([survivor_id]):
            state_episode(work, episode)
