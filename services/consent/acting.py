"""Who may act on a survivor's consents: supervisors, the data protection officer, and the survivor's own advocates.

A stated fact, learned from case by events and checked in the command's own transaction; unknown fails closed.
Shown by tests/integration/consent/test_acting.py. Source: ADR 0026.
"""

from services.consent.errors import SurvivorUnknownError
from services.consent.store import PersonStore
from shared.kernel.errors import NotFoundError
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import UnitOfWork

ADVOCATE = "IMSA"


class NotTheirAdvocateError(NotFoundError):
    """The caller is an advocate, and not this survivor's; the answer is that there is nothing here."""


def check_may_act(work: UnitOfWork, survivor_id: str, who: Principal) -> None:
    """Let supervisors and the data protection officer act on everybody known, and advocates on their survivors.

    Raises:
        SurvivorUnknownError: Case never told of such a survivor.
        NotTheirAdvocateError: An advocate asks for somebody whom nobody assigned to them, or for nobody.
    """
    people = PersonStore(work)
    if who.role == ADVOCATE:
        if who.actor_id not in people.advocates_of(survivor_id):
            raise NotTheirAdvocateError
    elif not people.is_known(survivor_id):
        raise SurvivorUnknownError
