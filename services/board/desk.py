"""The page of those who sign: what waits for a signature, in every room; and what a form on it carries out."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import render_template, request

from services.board.edge import APPROVERS, SIGNERS
from services.board.learnings.views import LearningViews
from services.board.releases import wording
from services.board.releases.views import ReleaseViews
from services.board.tasks.task import PROTECTED
from services.board.tasks.views import TaskViews
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.runtime.witnessing import standing
from shared.web.gateway import Gateway
from shared.web.pages.site import go_to

PATH = "/releasing"
LOG_WORDS = {
    "SEEN": ("Goes on", "good"),
    "LATE": ("Late", "wait"),
    "NOT_YET": ("Not seen yet", "wait"),
    "ALARM": ("Refused", "bad"),
}
"""How a host's audit log stands with the board, in words and with their colour."""


class Desk:
    """Where releases and learnings are signed, approved and delayed."""

    def __init__(self, web: Gateway, context: ServiceContext) -> None:
        """Take the gateway and the board's context."""
        self._web = web
        self._context = context
        database = context.client[context.database_name]
        self._releases = ReleaseViews(database)
        self._tasks = TaskViews(database)
        self._learnings = LearningViews(database)

    def page(self, error: str | None = None) -> str:
        """Show what waits; noted as read."""
        drafts, tasks, logs = self._web.read(
            "board:release:drafts", "list", lambda: (self._releases.drafts(), self._tasks.tasks(), self._logs())
        )
        drafted = {d["task_id"] for d in drafts}
        waiting = [t for t in tasks if t["state"] == PROTECTED and t["id"] not in drafted]
        reasons = get("delay_reason")
        return render_template(
            "board/work.html",
            drafts=drafts,
            waiting=waiting,
            previews=self._releases.protected([t["id"] for t in waiting]),
            reasons=[(code, reasons.label(code)) for code in reasons.codes],
            done=request.args.get("done"),
            error=error,
            share=wording.share,
            learnings=self._learnings.learnings(approved=False),
            logs=logs,
            log_words=LOG_WORDS,
            signers=SIGNERS,
            approvers=APPROVERS,
        )

    def _logs(self) -> list[dict[str, Any]]:
        """Say how each host's audit log stands, under the name that people know it by."""
        context, register = self._context, self._context.trust.hosts
        names = register.names()
        found = standing(context.client[context.database_name], register.read(), context.clock.now())
        return [{**one, "name": names.get(one["host"], one["host"])} for one in found]

    def carry_out(self, command: DomainCommand, run: Callable[[UnitOfWork], Answer]) -> Any:
        """Carry out what a form asks for; a refusal is shown on the page."""
        try:
            self._web.carry_out(command, run)
        except (RuleViolationError, InvalidInputError) as error:
            return self.page(str(error)), HTTPStatus.CONFLICT
        _, subject, verb = command.action.split(":")
        return go_to(f"{PATH}?done={subject}-{verb}")
