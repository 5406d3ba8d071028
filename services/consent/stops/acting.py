"""Who stops everything for a person, who sees it, and who lifts it.

Anybody to whom it may be said stops: the person's own advocate, and everybody here who is not one. Whoever supervises
or safeguards lifts; no advocate does, since it may be about them. Shown by tests/integration/consent/test_stops.py.
"""

from services.consent.concerns.commands import TAKERS
from services.consent.ledger.acting import ADVOCATE, check_may_act, may_act
from services.consent.ledger.errors import SurvivorUnknownError
from services.consent.ledger.views import LedgerViews
from services.consent.stops.views import StopViews
from shared.web.routes import Asked, Subject, Whose

STOPPERS = (ADVOCATE, *TAKERS)
LIFTERS = ("SUPERVISOR", "SAFEGUARDING_LEAD")


def of_whom_it_is_said(ledger: LedgerViews) -> Whose:
    """Let in whoever may stop everything for the person in the body."""

    def find(asked: Asked) -> Subject:
        survivor_id = str(asked.body["survivor_id"])
        if asked.who.role != ADVOCATE and not ledger.is_known(survivor_id):
            raise SurvivorUnknownError
        return Subject(id=survivor_id)

    return Whose(
        find=find, allows=lambda who, person: may_act(ledger, who, person.id), check=check_may_act, in_body=True
    )


def whose_stop(ledger: LedgerViews, stops: StopViews) -> Whose:
    """Let in whoever may act on the person of a stop."""

    def find(asked: Asked) -> Subject:
        return Subject(id=stops.survivor_of(asked.path["stop_id"]))

    return Whose(find=find, allows=lambda who, person: may_act(ledger, who, person.id), check=check_may_act)
