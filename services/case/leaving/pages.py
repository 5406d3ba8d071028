"""The page of a host that leaves: what it takes along, what stays and why, who asked, who agreed, and what comes next.

Promise: the same rights, commands and audited reads as the API's; of the survivors it shows nothing. Shown by
tests/integration/pages/test_leaving_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.leaving.commands import (
    AgreeLeaving,
    AskLeaving,
    TakeLeavingBack,
    agree_leaving,
    ask_leaving,
    take_leaving_back,
)
from services.case.leaving.documents import THE_LEAVING
from services.case.leaving.routes import AGREES, ASKS, BOTH, READ
from services.case.leaving.schemas import MOST_CHARACTERS
from services.case.leaving.views import LeavingViews
from services.case.rights.registers import change_one
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.forms import version_in
from shared.web.pages.site import Link, PageSet, Part

PATH = "/leaving"
_STALE = "Somebody changed this meanwhile. Read it again before you decide."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    built = _Pages(context, web)
    blueprint = Blueprint("leaving_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(PATH)(built.show)
    blueprint.post(PATH)(built.ask)
    blueprint.post(f"{PATH}/agree")(built.agree)
    blueprint.post(f"{PATH}/take-back")(built.take_back)
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=BOTH,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Leaving the pilot",
                part=Part.DATA,
                does="Take everything along that is kept here, and see what stays.",
                roles=BOTH,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._web = web
        self._views = LeavingViews(context)

    def show(self) -> str:
        """Show where it stands."""
        self._web.require(*BOTH)
        return self._page()

    def ask(self) -> Any:
        """Ask for it, with the key that is given."""
        who = self._web.require(ASKS)
        # A key is copied with blanks around it; what is too long is no key, and is kept nowhere.
        recipient = request.form.get("recipient", "").strip()[: MOST_CHARACTERS + 1]
        deletes = request.form.get("deletes", "") == "yes"
        command = AskLeaving(recipient=recipient, deletes=deletes, actor_id=who.actor_id)
        return self._change(command, lambda work: ask_leaving(command, work))

    def agree(self) -> Any:
        """Agree to it."""
        who, version = self._web.require(AGREES), version_in(request.form)
        if version is None:
            return ask_again(self._page(fault=_STALE))
        command = AgreeLeaving(version=version, actor_id=who.actor_id)
        return self._change(command, lambda work: agree_leaving(command, work))

    def take_back(self) -> Any:
        """Take it back."""
        who, version = self._web.require(*BOTH), version_in(request.form)
        if version is None:
            return ask_again(self._page(fault=_STALE))
        command = TakeLeavingBack(version=version, actor_id=who.actor_id)
        return self._change(command, lambda work: take_leaving_back(command, work))

    def _change(self, command: Any, run: Any) -> Any:
        return change_one(self._web, command, run, path=PATH, again=lambda fault: self._page(fault=fault))

    def _page(self, *, fault: str | None = None) -> str:
        who = self._web.require(*BOTH)
        row = self._web.read(READ, THE_LEAVING, self._views.leaving)
        return render_template(
            "case/leaving.html",
            one=row,
            asks=who.role == ASKS,
            agrees=who.role == AGREES and who.actor_id != row["asked_by"],
            path=PATH,
            fault=fault,
            done="done" in request.args,
        )
