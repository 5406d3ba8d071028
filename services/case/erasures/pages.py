"""The pages of erasures: asked for from a rights case, confirmed by a second person, and the certificate.

Promise: the same rights, commands and audited reads as the API's. Shown by
tests/integration/pages/test_erasure_pages.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.erasures.commands import (
    AskErasure,
    ConfirmErasure,
    NoteBackupsClosed,
    OnErasure,
    TakeBackErasure,
    ask_erasure,
    confirm_erasure,
    note_backups_closed,
    take_back_erasure,
)
from services.case.erasures.roles import ASKS, CONFIRMS
from services.case.erasures.rules import ASKED
from services.case.erasures.views import ErasureViews
from services.case.rights.decisions import NOT_SAFE_YET
from services.case.rights.views import RightsViews
from services.case.rights.words import choices
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.forms import version_in
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/person-erasures"
_WRONG = "Choose an answer to each question. Nothing was changed."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("erasure_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(PATH)(built.waiting)
    blueprint.get(f"{PATH}/<uuid:rights_case_id>/new")(built.form)
    blueprint.post(f"{PATH}/<uuid:rights_case_id>/new")(built.ask)
    blueprint.get(f"{PATH}/<uuid:rights_case_id>")(built.one)
    blueprint.post(f"{PATH}/<uuid:rights_case_id>")(built.change)
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=CONFIRMS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Erasures",
                part=Part.RIGHTS,
                daily=("HOST_DPO",),
                does="Who is to be erased, as they asked: a second person confirms it.",
                roles=CONFIRMS,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._views = ErasureViews(context)
        self._rights = RightsViews(context, SurvivorViews(context))

    def waiting(self) -> str:
        """Show which erasures wait for a second person."""
        who, part = self._web.require(*CONFIRMS), wanted_part()
        page = self._web.read("case:erasure:list", "list", lambda: self._views.erasures(part, state=ASKED))
        return render_template(
            "case/erasures.html",
            rows=[{**row, "by_me": row["asked_by"] == who.actor_id} for row in page.items],
            next=page.next,
            first=part.after is None,
        )

    def form(self, rights_case_id: Any) -> str:
        """Show what has to be judged before an erasure is asked for."""
        self._web.require(ASKS)
        return self._form_page(str(rights_case_id))

    def ask(self, rights_case_id: Any) -> Any:
        """Ask for it."""
        who, key, form = self._web.require(ASKS), str(rights_case_id), request.form
        holds = tuple(dict.fromkeys(form.getlist("holds")))
        version, told = version_in(form), form.get("told", "")
        known = all(get("erasure_hold").has(code) for code in holds) and get("rights_told").has(told)
        if version is None or not known:
            return ask_again(self._form_page(key, fault=_WRONG))
        survivor_id = self._rights.survivor_of(key)
        command = AskErasure(
            rights_case_id=key,
            survivor_id=survivor_id,
            version=version,
            actor_id=who.actor_id,
            role=who.role,
            holds=holds,
            looked_for_holds=form.get("looked") == "yes",
            told=told,
        )
        sealer = Sealer.of_known(self._context, [survivor_id])
        return self._carried_out(
            command,
            lambda work: ask_erasure(command, work, sealer=sealer),
            again=lambda fault: self._form_page(key, fault=fault),
        )

    def one(self, rights_case_id: Any) -> str:
        """Show one: what waits, or the certificate."""
        return self._page(str(rights_case_id), self._web.require(*CONFIRMS))

    def change(self, rights_case_id: Any) -> Any:
        """Confirm one, take it back, or note its third date."""
        who, key = self._web.require(*CONFIRMS), str(rights_case_id)
        verb, version = request.form.get("verb", ""), version_in(request.form)
        if verb in ("take-back", "backups-closed") and who.role != ASKS:
            self._web.refuse(key)
        survivor_id = self._views.survivor_of(key)
        if version is None or verb not in ("confirm", "take-back", "backups-closed"):
            return ask_again(self._page(key, who, fault=_WRONG))
        about: dict[str, Any] = {
            "rights_case_id": key,
            "survivor_id": survivor_id,
            "version": version,
            "actor_id": who.actor_id,
            "role": who.role,
        }

        def again(fault: str) -> str:
            return self._page(key, who, fault=fault)

        if verb == "backups-closed":
            noted = NoteBackupsClosed(**about)
            return self._carried_out(noted, lambda work: note_backups_closed(noted, work), again=again)
        sealer = Sealer.of_known(self._context, [survivor_id])
        if verb == "take-back":
            back = TakeBackErasure(**about)
            return self._carried_out(back, lambda work: take_back_erasure(back, work, sealer=sealer), again=again)
        confirmed = ConfirmErasure(**about)
        return self._carried_out(confirmed, lambda work: confirm_erasure(confirmed, work, sealer=sealer), again=again)

    def _carried_out(
        self, command: OnErasure, run: Callable[[UnitOfWork], Answer], *, again: Callable[[str], str]
    ) -> Any:
        try:
            self._web.carry_out(command, run)
        except (RuleViolationError, InvalidInputError) as error:
            return ask_again(again(str(error)))
        return go_to(f"{PATH}/{command.rights_case_id}?done=yes")

    def _form_page(self, key: str, *, fault: str | None = None) -> str:
        row = self._web.read("case:rights:read", key, lambda: self._rights.case(key))
        return render_template(
            "case/erasure_new.html",
            case=row,
            target=f"{PATH}/{key}/new",
            holds=choices("erasure_hold"),
            told=choices("rights_told", without=(NOT_SAFE_YET,)),
            fault=fault,
        )

    def _page(self, key: str, who: Principal, *, fault: str | None = None) -> str:
        row = self._web.read("case:erasure:read", key, lambda: self._views.certificate(key))
        return render_template(
            "case/erasure.html",
            erasure=row,
            words=get("erasure_state").label(row["state"]),
            target=f"{PATH}/{key}",
            confirms=row["state"] == ASKED and row["asked_by"] != who.actor_id,
            asks=who.role == ASKS,
            fault=fault,
            done="done" in request.args,
        )
