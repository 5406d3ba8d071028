"""What the registers of rights, of requests from outside and of breaches have in common.

Each is taken down by many and dealt with by the data protection officer, has a list, a form and a page for one, and is
changed one thing at a time under the version that was read.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from flask import Blueprint

from services.case.rights.roles import DECIDES, TAKERS
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import Link, PageSet, go_to
from shared.web.routes import Asked, Route

Work = Callable[[UnitOfWork], Answer]


class RegisterViews(Protocol):
    """The five views of a register's pages."""

    def every(self) -> str:
        """Show what waits for an answer."""

    def form(self) -> str:
        """Show the form on which something is taken down."""

    def take(self) -> Any:
        """Take it down."""

    def one(self, one_id: Any) -> str:
        """Show one to the data protection officer."""

    def change(self, one_id: Any) -> Any:
        """Do one thing about it."""


def register_pages(name: str, folder: Path, views: RegisterViews, *, every: Link, take: Link) -> PageSet:
    """Build a register's pages: ``every`` has the list and, below it, each one; ``take`` has the form."""
    blueprint = Blueprint(name, __name__, template_folder=str(folder / "templates"))
    blueprint.get(every.path)(views.every)
    blueprint.get(take.path)(views.form)
    blueprint.post(take.path)(views.take)
    blueprint.get(f"{every.path}/<uuid:one_id>")(views.one)
    blueprint.post(f"{every.path}/<uuid:one_id>")(views.change)
    return PageSet(
        blueprint=blueprint, prefixes=(every.path,), roles=TAKERS, home=take.path, begins=(), links=(every, take)
    )


def change_one(web: Gateway, command: DomainCommand, run: Work, *, path: str, again: Callable[[str], str]) -> Any:
    """Carry a change out and go back to its page, or show that page ``again`` with what is wrong."""
    try:
        web.carry_out(command, run)
    except (RuleViolationError, InvalidInputError) as error:
        return ask_again(again(str(error)))
    return go_to(f"{path}?done=yes")


def changing(
    verb: str,
    says: str,
    body: type,
    command: Callable[[Asked], DomainCommand],
    by: Callable[..., Any],
    *,
    of: str,
    **more: Any,
) -> Route:
    """Give the route by which the data protection officer changes one thing ``of`` a register."""
    return Route(
        method="POST",
        path=f"{of}/{verb}",
        says=says,
        roles=(DECIDES,),
        body=body,
        if_match=True,
        command=command,
        by=by,
        **more,
    )
