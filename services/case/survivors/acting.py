"""Who may act on a survivor: supervisors, the advocates whom registration or a supervisor named, and who covers.

A stated fact in the survivor's document, checked in the command's own transaction: nobody comes to act on somebody by
opening an episode for them. Shown by tests/integration/case/test_who_may_act.py. Source: ADR 0026, and ADR 0060 for
cover.
"""

from collections.abc import Callable

from services.case.survivors.documents import SurvivorStore
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.views import SurvivorViews
from shared.kernel.errors import NotTheirsError
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.routes import Asked, Subject, Whose


def check_may_act(work: UnitOfWork, survivor_id: str, who: Principal) -> None:
    """Take the survivor's turn, and let in supervisors, the survivor's own advocates, and who covers for one today.

    Raises:
        DocumentMissingError: There is no such survivor.
        NotTheirsError: The caller is an advocate, and not this survivor's.
    """
    survivors = SurvivorStore(work)
    survivors.take_turn(survivor_id)
    if who.role == ADVOCATE and not survivors.may_act(survivor_id, who.actor_id):
        raise NotTheirsError


def whose_survivor(views: SurvivorViews, named_by: Callable[[Asked], str], *, in_body: bool = False) -> Whose:
    """Say whose a survivor is.

    Args:
        views: Tell who may act as it stands now.
        named_by: Reads the survivor's id from the request.
        in_body: That id stands in the body.
    """

    def find(asked: Asked) -> Subject:
        return Subject(id=named_by(asked))

    def allows(who: Principal, survivor: Subject) -> Standing | None:
        return views.standing(survivor.id, who)

    def check(work: UnitOfWork, survivor: Subject, who: Principal) -> None:
        check_may_act(work, survivor.id, who)

    return Whose(find=find, allows=allows, check=check, in_body=in_body)
