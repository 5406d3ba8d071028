"""Who may see and do what on the pages of casework: as by the API, asked again in the form's own transaction."""

from collections.abc import Callable
from typing import Any

from flask import Response

from services.case.episodes.states import ENDED
from services.case.episodes.views import EpisodeViews
from services.case.survivors.acting import check_may_act
from services.case.survivors.views import SurvivorViews
from shared.kernel.errors import NotTheirsError
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway

PATH = "/support"
CASEWORK = ("IMSA", "SUPERVISOR")


class Admission:
    """Lets those in who may act on somebody (ADR 0026)."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        """Take case's context and the way to its committer."""
        self.survivors = SurvivorViews(context)
        self.episodes = EpisodeViews(context, self.survivors)
        self._web = web

    def about(self, survivor_id: Any, action: str) -> tuple[Principal, str]:
        """Admit whoever may act on somebody; who they are is not opened yet.

        Raises:
            HiddenError: They may not, or there is nobody.
        """
        who, key = self._web.require(*CASEWORK), str(survivor_id)
        standing = self.survivors.standing(key, who)
        if standing is None:
            self._web.refuse(key, action=action)
        self._web.stands(standing)
        return who, key

    def episodes_of(self, who: Principal, survivor_id: str) -> list[dict[str, Any]]:
        """Give a person's episodes that somebody may see, the newest referral first."""
        return self.episodes.seen_of(who, survivor_id)

    def open_episodes_of(self, who: Principal, survivor_id: str) -> list[dict[str, Any]]:
        """Give those of them in which support goes on."""
        return [row for row in self.episodes_of(who, survivor_id) if row["status"] not in ENDED]

    def carry_out(
        self, who: Principal, survivor_id: str, command: DomainCommand, by: Callable[[UnitOfWork], Answer]
    ) -> Response:
        """Carry a form out, if they still may.

        Raises:
            HiddenError: They may not any more.
            AlongsideError: What the command raises.
        """

        def run(work: UnitOfWork) -> Answer:
            check_may_act(work, survivor_id, who)
            return by(work)

        try:
            return self._web.carry_out(command, run)
        except NotTheirsError:
            self._web.refuse(survivor_id, action=command.action)
