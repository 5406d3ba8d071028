"""The page on which somebody of the staff is named who never opens one person's record in an emergency.

Promise: the same rights and commands as the API's; whoever is named never sees that they are. Shown by
tests/integration/pages/test_emergency_pages.py.
"""

import re
from typing import Any

from flask import render_template, request

from services.case.advocates import names_of_advocates
from services.case.emergencies.commands import EndNever, NameNever, end_never, name_never
from services.case.emergencies.roles import NAMERS, REVIEWERS
from services.case.emergencies.views import EmergencyViews
from services.case.rights.words import choices
from services.case.survivors.acting import check_may_act
from services.case.survivors.views import SurvivorViews
from shared.codelists.lists import get
from shared.kernel.errors import NotTheirsError, RuleViolationError
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.forms import version_in
from shared.web.pages.site import go_to

PATH = "/emergency"
NEVER = f"{PATH}/never/<uuid:survivor_id>"
NUMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WRONG = "Choose an answer to each question of this form. Nothing was changed."


class NamingPages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        """Take case's context and gateway."""
        self._web = web
        self._survivors = SurvivorViews(context)
        self._views = EmergencyViews(context, self._survivors)

    def nevers(self, survivor_id: Any) -> str:
        """Show who never opens somebody's record in an emergency."""
        return self._nevers_page(self._about(survivor_id, "case:emergency:list-nevers"))

    def name(self, survivor_id: Any) -> Any:
        """Name somebody."""
        key, form = self._about(survivor_id, NameNever.action), request.form
        staff_id, ground = form.get("staff", "").strip().casefold(), form.get("ground", "")
        if not NUMBER.fullmatch(staff_id) or not get("emergency_never").has(ground):
            return ask_again(self._nevers_page(key, fault=_WRONG))
        who = self._web.principal
        by = {"actor_id": who.actor_id, "role": who.role}
        command = NameNever(never_id=new_id(), survivor_id=key, staff_id=staff_id, ground=ground, **by)

        def run(work: UnitOfWork) -> Answer:
            check_may_act(work, key, who)
            return name_never(command, work)

        try:
            self._web.carry_out(command, run)
        except NotTheirsError:
            self._web.refuse(key, action=command.action)
        except RuleViolationError as error:
            return ask_again(self._nevers_page(key, fault=str(error)))
        return go_to(f"{PATH}/never/{key}?done=yes")

    def end(self, survivor_id: Any, never_id: Any) -> Any:
        """Let somebody open it again."""
        who, key, never = self._web.require(*REVIEWERS), str(survivor_id), str(never_id)
        version = version_in(request.form)
        if version is None or self._views.whose_never(never) != key:
            return ask_again(self._nevers_page(key, fault=_WRONG))
        by = {"actor_id": who.actor_id, "role": who.role}
        command = EndNever(never_id=never, survivor_id=key, version=version, **by)
        try:
            self._web.carry_out(command, lambda work: end_never(command, work))
        except NotTheirsError:
            self._web.refuse(key, action=command.action)
        except RuleViolationError as error:
            return ask_again(self._nevers_page(key, fault=str(error)))
        return go_to(f"{PATH}/never/{key}?done=yes")

    def _about(self, survivor_id: Any, action: str) -> str:
        """Admit whoever may act on somebody, and the reviewers; of nobody there is nothing."""
        who, key = self._web.require(*NAMERS), str(survivor_id)
        standing = self._survivors.standing(key, who)
        if standing is None:
            self._web.refuse(key, action=action)
        self._web.stands(standing)
        return key

    def _nevers_page(self, key: str, *, fault: str | None = None) -> str:
        who = self._web.principal
        rows = self._web.read("case:emergency:list-nevers", key, lambda: self._views.nevers(key, who))
        names, grounds = names_of_advocates() or {}, get("emergency_never")
        return render_template(
            "case/emergency_nevers.html",
            rows=[
                {**row, "name": names.get(row["staff_id"], row["staff_id"]), "words": grounds.label(row["ground"])}
                for row in rows
            ],
            staff=list(names.items()),
            grounds=choices("emergency_never"),
            ends=who.role in REVIEWERS,
            back=f"/support/{key}",
            target=f"{PATH}/never/{key}",
            fault=fault,
            done="done" in request.args,
        )
