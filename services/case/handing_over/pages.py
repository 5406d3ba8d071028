"""The pages of hand-overs: one printable screen for one person, a note for whoever comes next, and who has not read.

Promise: the same rights, commands and audited reads as the API's; how to reach somebody safely stands first; consents
come from consent's API under the reader's own right, and what could not be read counts as a no. Shown by
tests/integration/pages/test_handover_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.advocates import names_of_advocates
from services.case.handing_over.commands import ReadHandover, WriteNote, read_handover, write_note
from services.case.handing_over.packs import Pack, PackViews
from services.case.handing_over.rules import LONGEST
from services.case.handing_over.views import HandoverViews
from services.case.handing_over.words import in_words
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.support.consents import consents_of
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import Link, PageSet, Part, go_to

HANDOVERS = "/handovers"
MOST = 100
READ, NOTE = "case:handover:read", WriteNote.action
_PERSON = f"{PATH}/<uuid:survivor_id>/handover"
_SENTENCE = f"Say it in at most {LONGEST} letters."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("handovers", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(HANDOVERS)(built.handovers)
    blueprint.get(_PERSON)(built.show)
    blueprint.post(f"{_PERSON}/note")(built.note)
    blueprint.post(f"{_PERSON}/<uuid:handover_id>/read")(built.read)
    does = "Who was given to somebody else or is covered, and who has read what there is to know."
    return PageSet(
        blueprint=blueprint,
        prefixes=(HANDOVERS,),
        roles=CASEWORK,
        home=PATH,
        begins=(),
        links=(Link(path=HANDOVERS, words="Hand-overs", part=Part.PEOPLE, does=does, roles=CASEWORK),),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._views = HandoverViews(context, self._admission.survivors)
        self._packs = PackViews(context, self._admission.survivors)

    def handovers(self) -> str:
        """Show which hand-overs nobody has read yet."""
        who = self._web.require(*CASEWORK)

        def load() -> tuple[list[dict[str, Any]], dict[str, str]]:
            rows = self._views.waiting(who, MOST)
            people = self._admission.survivors.named({row["survivor_id"] for row in rows})
            return rows, {one["id"]: one["name"] or one["reference"] or "" for one in people}

        rows, names = self._web.read("case:handover:list", "list", load)
        return render_template(
            "case/handovers.html",
            rows=rows,
            names=names,
            team=_team(who),
            own=who.role == ADVOCATE,
            today=self._admission.survivors.today,
            most=MOST if len(rows) == MOST else None,
            done=request.args.get("done", "")[:20],
        )

    def show(self, survivor_id: Any) -> str:
        """Show what whoever takes over must know of a person."""
        who, key = self._admission.about(survivor_id, READ)
        return self._page(who, key, None, {})

    def note(self, survivor_id: Any) -> Any:
        """Write a note for whoever comes next, replace one, or take it back."""
        who, key = self._admission.about(survivor_id, NOTE)
        typed = request.form.get("words", "").strip()[: LONGEST + 1]
        if len(typed) > LONGEST:
            return ask_again(self._page(who, key, typed, {"words": _SENTENCE}))
        takes_back = request.form.get("take_back") == "yes"
        about = {"survivor_id": key, "actor_id": who.actor_id, "role": who.role}
        command = WriteNote(
            words=None if takes_back else typed, replaces=request.form.get("replaces", "")[:40] or None, **about
        )
        sealer = Sealer.of_known(self._context, [key])
        try:
            self._admission.carry_out(who, key, command, lambda work: write_note(command, work, sealer=sealer))
        except (RuleViolationError, InvalidInputError) as error:
            return ask_again(self._page(who, key, typed, {"words": str(error)}))
        return go_to(f"{PATH}/{key}/handover?done={'taken-back' if takes_back else 'note'}")

    def read(self, survivor_id: Any, handover_id: Any) -> Any:
        """Say that one has read it."""
        who, key = self._admission.about(survivor_id, ReadHandover.action)
        command = ReadHandover(survivor_id=key, handover_id=str(handover_id), actor_id=who.actor_id, role=who.role)
        try:
            self._admission.carry_out(who, key, command, lambda work: read_handover(command, work))
        except RuleViolationError as error:
            return ask_again(self._page(who, key, None, {"handovers": str(error)}))
        return go_to(f"{HANDOVERS}?done=read")

    def _page(self, who: Principal, key: str, typed: str | None, wrong: dict[str, str]) -> str:
        pack: Pack = self._web.read(READ, key, lambda: self._packs.pack(who, key))
        own = who.actor_id if who.role == ADVOCATE else None
        mine = next((one for one in pack.notes if one["part_of"] == own), None)
        return render_template(
            "case/handover.html",
            base=f"{PATH}/{key}",
            target=f"{PATH}/{key}/handover",
            **in_words(pack, self._context.clock.now()),
            handovers=pack.handovers,
            consents=consents_of(key),
            mine=mine,
            typed=typed if typed is not None else (mine or {}).get("words") or "",
            team=_team(who),
            own=own is not None,
            me=who.actor_id,
            today=self._admission.survivors.today,
            wrong=wrong,
            done=request.args.get("done", "")[:20],
        )


def _team(who: Principal) -> dict[str, str]:
    """Give advocates' names, as far as identity tells the reader."""
    return (names_of_advocates() if who.role != ADVOCATE else None) or {}
