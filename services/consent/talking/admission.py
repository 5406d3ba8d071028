"""Who may talk with whom, and how a form of theirs is carried out: as by the API, checked again in its transaction."""

from collections.abc import Callable
from typing import Any

from services.consent.ledger.acting import WRITERS, check_may_act, standing_of
from services.consent.ledger.views import LedgerViews
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.gateway import Gateway
from shared.web.routes import Subject


class Admission:
    """Lets those in who may act on somebody."""

    def __init__(self, ledger: LedgerViews, web: Gateway) -> None:
        """Take the ledger's views and the way to the committer."""
        self._ledger = ledger
        self._web = web

    def about(self, survivor_id: Any, action: str) -> tuple[Principal, str]:
        """Admit whoever may act on somebody.

        Raises:
            HiddenError: They may not, or there is nobody.
        """
        who, key = self._web.require(*WRITERS), str(survivor_id)
        standing = standing_of(self._ledger, who, key) if self._ledger.is_known(key) else None
        if standing is None:
            self._web.refuse(key, action=action)
        self._web.stands(standing)
        return who, key

    def consent_of(self, survivor_id: str, consent_id: str, action: str) -> dict[str, Any]:
        """Give a consent of that very person.

        Raises:
            HiddenError: It is another one's.
        """
        row = self._ledger.consent(consent_id)
        if row["survivor_id"] != survivor_id:
            self._web.refuse(consent_id, action=action)
        return row

    def carry_out(
        self,
        who: Principal,
        survivor_id: str,
        command: DomainCommand,
        by: Callable[[UnitOfWork], Answer],
        *,
        once: bool = True,
    ) -> None:
        """Carry a form out, if they still may; ``once`` as in ``Gateway.carry_out``."""

        def run(work: UnitOfWork) -> Answer:
            check_may_act(work, Subject(id=survivor_id), who)
            return by(work)

        self._web.carry_out(command, run, once=once)
