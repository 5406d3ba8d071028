"""Who of the host's people is an active advocate, as far as identity told.

Shown by tests/integration/case/test_who_may_act.py. Source: ADR 0026.
"""

from collections.abc import Iterable

from services.case.errors import NotAnAdvocateError
from services.case.store import STAFF
from shared.contracts.identity import RosterStated, StaffChanged
from shared.kernel.messages import Received
from shared.outbox.unit_of_work import UnitOfWork

ROSTER = "roster"
"""The document that says that identity has told of everybody."""


ADVOCATE = "IMSA"


def note_staff(received: Received[StaffChanged], work: UnitOfWork) -> None:
    """Learn whether somebody is an active advocate here."""
    event = received.event
    work.save(STAFF, {"_id": event.user_id, "is_advocate": event.active and ADVOCATE in event.roles})


def note_roster(received: Received[RosterStated], work: UnitOfWork) -> None:
    """Learn that identity has told of everybody."""
    del received
    if work.find(STAFF, ROSTER) is None:
        work.save(STAFF, {"_id": ROSTER, "is_advocate": False})


def check_advocates(work: UnitOfWork, advocate_ids: Iterable[str]) -> None:
    """Check that each is an active advocate here.

    Until identity has told of everybody once, only those are refused of whom it told that they are none.

    Raises:
        NotAnAdvocateError: One is not.
    """
    for advocate_id in advocate_ids:
        known = work.find(STAFF, advocate_id)
        if known is None and work.find(STAFF, ROSTER) is not None:
            raise NotAnAdvocateError
        if known is not None and not known["is_advocate"]:
            raise NotAnAdvocateError
