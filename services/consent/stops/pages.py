"""The pages of stops: one press on a person's screen, what came of it, and lifting it after somebody spoke with them.

Promise: the same rights, commands and audited reads as the API's. Shown by tests/integration/pages/test_stop_pages.py.
"""

import re
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.consent.concerns.commands import TAKERS
from services.consent.ledger.acting import ADVOCATE, check_may_act, may_act
from services.consent.ledger.views import LedgerViews
from services.consent.stops.acting import LIFTERS, STOPPERS
from services.consent.stops.commands import LiftStop, StopEverything, lift_stop, stop_everything
from services.consent.stops.rules import OPEN
from services.consent.stops.views import StopViews
from shared.codelists.lists import get
from shared.contracts.fields import ID_PATTERN
from shared.kernel.errors import NotTheirsError, RuleViolationError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to
from shared.web.routes import Subject

PATH = "/consents/stops"
_ID = re.compile(ID_PATTERN)
_NOBODY = "Nobody with this number is supported here. Look at it again. Nothing was stopped."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("stop_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(PATH)(built.every)
    blueprint.post(PATH)(built.stop)
    blueprint.get(f"{PATH}/<uuid:stop_id>")(built.one)
    blueprint.post(f"{PATH}/<uuid:stop_id>")(built.lift)
    does = "Who said that everything is to stop, and with whom somebody has still to speak."
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=STOPPERS,
        home=PATH,
        begins=(),
        links=(
            Link(path=PATH, words="Stops", part=Part.CONSENT, daily=("SAFEGUARDING_LEAD",), does=does, roles=TAKERS),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._web = web
        self._views = StopViews(context)
        self._ledger = LedgerViews(context.client[context.database_name], context.clock.now)

    def every(self) -> str:
        """Show which stand."""
        self._web.require(*TAKERS)
        return self._every()

    def stop(self) -> Any:
        """Stop everything for a person."""
        who = self._web.require(*STOPPERS)
        survivor_id = request.form.get("survivor", "").strip().lower()[:36]
        known = bool(_ID.search(survivor_id)) and self._ledger.is_known(survivor_id)
        if who.role != ADVOCATE and not known:
            return ask_again(self._every(fault=_NOBODY))
        if not (known and may_act(self._ledger, who, survivor_id)):
            self._web.refuse(action=StopEverything.action)
        command = StopEverything(stop_id=new_id(), survivor_id=survivor_id, actor_id=who.actor_id, role=who.role)
        told = self._carried_out(who, survivor_id, command, lambda work: stop_everything(command, work))
        return go_to(f"{PATH}/{told['id']}?done=stopped")

    def one(self, stop_id: Any) -> str:
        """Show what came of one."""
        who, key = self._about(stop_id, "consent:stop:read")
        return self._page(who, key)

    def lift(self, stop_id: Any) -> Any:
        """Lift it, with a reason."""
        who = self._web.require(*LIFTERS)
        key, why = str(stop_id), request.form.get("why", "")[:80]
        survivor_id = self._views.survivor_of(key)
        if not get("stop_lifted").has(why):
            return ask_again(self._page(who, key, fault="Choose what came of speaking with them."))
        command = LiftStop(stop_id=key, survivor_id=survivor_id, why=why, actor_id=who.actor_id)
        try:
            self._carried_out(who, survivor_id, command, lambda work: lift_stop(command, work))
        except RuleViolationError as error:
            return ask_again(self._page(who, key, fault=str(error)))
        return go_to(f"{PATH}/{key}?done=lifted")

    def _about(self, stop_id: Any, action: str) -> tuple[Principal, str]:
        who, key = self._web.require(*STOPPERS), str(stop_id)
        if not may_act(self._ledger, who, self._views.survivor_of(key)):
            self._web.refuse(key, action=action)
        return who, key

    def _carried_out(self, who: Principal, survivor_id: str, command: DomainCommand, by: Any) -> dict[str, Any]:
        def run(work: UnitOfWork) -> Answer:
            check_may_act(work, Subject(id=survivor_id), who)
            answer: Answer = by(work)
            return answer

        try:
            told: dict[str, Any] = self._web.carry_out(command, run).get_json()
        except NotTheirsError:
            self._web.refuse(command.object_id, action=command.action)
        return told

    def _every(self, *, fault: str | None = None) -> str:
        part = wanted_part()
        page = self._web.read("consent:stop:list", "list", lambda: self._views.stops(part, state=OPEN))
        return render_template(
            "consent/stops.html", rows=page.items, next=page.next, first=part.after is None, fault=fault, target=PATH
        )

    def _page(self, who: Principal, key: str, *, fault: str | None = None) -> str:
        row = self._web.read("consent:stop:read", key, lambda: self._views.whole(key))
        purposes = get("consent_purpose")
        return render_template(
            "consent/stop.html",
            one=row,
            ended=[purposes.label(code) for code in row["ended_purposes"]],
            waiting=[purposes.label(code) for code in row["waiting_purposes"]],
            withdrawals=[{**one, "words": purposes.label(one["purpose"])} for one in row["withdrawals"]],
            why=[(code, get("stop_lifted").label(code)) for code in get("stop_lifted").codes],
            why_words=None if row["why"] is None else get("stop_lifted").label(row["why"]),
            lifts=who.role in LIFTERS,
            every=who.role in TAKERS,
            sees=who.role in ("SUPERVISOR", "HOST_DPO"),
            target=f"{PATH}/{key}",
            fault=fault,
            done=request.args.get("done", "")[:20],
        )
