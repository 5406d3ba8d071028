"""Who may act on a survivor's consents: supervisors, the data protection officer, and the survivor's own advocates.

A stated fact, learned from case by events and checked in the command's own transaction; unknown fails closed.
Shown by tests/integration/case/test_who_may_act.py. Source: ADR 0026.
"""

from services.consent.ledger.errors import SurvivorUnknownError
from services.consent.ledger.people import PersonStore
from services.consent.ledger.views import LedgerViews
from shared.kernel.errors import NotTheirsError
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.routes import Subject

ADVOCATE = "IMSA"
WRITERS = (ADVOCATE, "SUPERVISOR", "HOST_DPO")


def may_act(views: LedgerViews, who: Principal, survivor_id: str) -> bool:
    """Whether somebody with the role may act on a survivor, as far as consent has heard."""
    return standing_of(views, who, survivor_id) is not None


def standing_of(views: LedgerViews, who: Principal, survivor_id: str) -> Standing | None:
    """Say how somebody with the role stands to a survivor, as far as consent has heard; None for who may not act."""
    return Standing.ROLE if who.role != ADVOCATE else views.standing_of(survivor_id, who.actor_id)


def check_known(views: LedgerViews, who: Principal, survivor_id: str) -> None:
    """Let nobody read of somebody whom this host does not know; an advocate's own are known.

    Raises:
        SurvivorUnknownError: Case never told of such a survivor.
    """
    if who.role != ADVOCATE and not views.is_known(survivor_id):
        raise SurvivorUnknownError


def check_may_act(work: UnitOfWork, subject: Subject, who: Principal) -> None:
    """Let supervisors and the data protection officer act on everybody known, and advocates on their survivors.

    Raises:
        SurvivorUnknownError: Case never told of such a survivor.
        NotTheirsError: An advocate asks for somebody whom nobody assigned to them, or for nobody.
    """
    people = PersonStore(work)
    if who.role == ADVOCATE:
        if who.actor_id not in people.advocates_of(subject.id):
            raise NotTheirsError
    elif not people.is_known(subject.id):
        raise SurvivorUnknownError
