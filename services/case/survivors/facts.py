"""Case hears from identity who of the host's people is an active advocate.

Shown by tests/integration/case/test_who_may_act.py. Source: ADR 0026.
"""

from services.case.survivors.documents import StaffStore
from services.case.survivors.rules import ADVOCATE, Colleague
from shared.contracts.identity import RosterStated, StaffChanged
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear who works here."""
    del context
    return [hears(StaffChanged, note_staff, order="latest"), hears(RosterStated, note_roster)]


def note_staff(received: Received[StaffChanged], work: UnitOfWork) -> None:
    """Learn whether somebody is an active advocate here."""
    event = received.event
    StaffStore(work).note(Colleague(id=event.user_id, is_advocate=event.active and ADVOCATE in event.roles))


def note_roster(received: Received[RosterStated], work: UnitOfWork) -> None:
    """Learn that identity has told of everybody."""
    del received
    StaffStore(work).note_roster()
