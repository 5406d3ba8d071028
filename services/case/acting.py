"""Who may act on a survivor: supervisors, and the advocates whom registration or a supervisor named.

A stated fact in the survivor's document, checked in the command's own transaction: nobody comes to act on somebody by
opening an episode for them. Shown by tests/integration/case/test_who_may_act.py. Source: ADR 0026.
"""

from services.case.errors import NotTheirAdvocateError, SupervisorAssignsError
from services.case.store import SurvivorStore
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import UnitOfWork

ADVOCATE = "IMSA"


def check_may_act(work: UnitOfWork, survivor_id: str, who: Principal) -> None:
    """Take the survivor's turn, and let in supervisors and the survivor's own advocates.

    Raises:
        DocumentMissingError: There is no such survivor.
        NotTheirAdvocateError: The caller is an advocate, and not this survivor's.
    """
    survivors = SurvivorStore(work)
    survivors.take_turn(survivor_id)
    if who.role == ADVOCATE and who.actor_id not in survivors.advocates_of(survivor_id):
        raise NotTheirAdvocateError


def advocates_at_registration(who: Principal, named: str | None) -> tuple[str, ...]:
    """Give who may act on somebody who is registered now: an advocate's own are theirs, a supervisor names one.

    Raises:
        SupervisorAssignsError: An advocate names somebody else.
    """
    if who.role != ADVOCATE:
        return (named,) if named is not None else ()
    if named not in (None, who.actor_id):
        raise SupervisorAssignsError
    return (who.actor_id,)
