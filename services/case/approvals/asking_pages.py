"""The page on which somebody asks for an approval, beside the episode's own page."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, render_template, request

from services.case.approvals.commands import AskForClosure, AskForPlan, ask_for_closure, ask_for_plan
from services.case.approvals.forms import FIELDS, WAITING_REASONS, Typed
from services.case.approvals.rules import SUPERVISOR
from services.case.approvals.words import ASKED_OF
from services.case.rights.words import choices
from services.case.support.admission import PATH, Admission
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import go_to

_ASK = f"{PATH}/<uuid:survivor_id>/episodes/<uuid:episode_id>/approval"


class AskPages:
    """What the two forms do, as the API does it."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        """Take case's context and the way to its committer."""
        self._context = context
        self._web = web
        self._admission = Admission(context, web)

    def add_to(self, blueprint: Blueprint) -> None:
        """Serve them."""
        blueprint.get(_ASK)(self.ask)
        blueprint.post(f"{_ASK}/<any(plan, closure):what>")(self.asked)

    def ask(self, survivor_id: Any, episode_id: Any) -> str:
        """Ask how they stand to the plan, or why support is to end."""
        who, key = self._admission.about(survivor_id, AskForPlan.action)
        return self._form(
            key, self._open(who, key, episode_id), Typed(asked_of=SUPERVISOR, plan_asked_of=SUPERVISOR), {}
        )

    def asked(self, survivor_id: Any, episode_id: Any, what: str) -> Any:
        """Ask for an approval."""
        is_plan = what == "plan"
        action = AskForPlan.action if is_plan else AskForClosure.action
        who, key = self._admission.about(survivor_id, action)
        row, typed = self._open(who, key, episode_id), Typed.of(request.form)
        said, wrong = typed.agreed() if is_plan else ({"reason": typed.reason}, typed.chosen("reason"))
        wrong |= typed.chosen("plan_asked_of" if is_plan else "asked_of")
        if not wrong:
            about: dict[str, Any] = {
                "approval_id": new_id(),
                "episode_id": row["id"],
                "survivor_id": key,
                "actor_id": who.actor_id,
                "role": who.role,
                "asked_of": typed.plan_asked_of if is_plan else typed.asked_of,
                **said,
            }
            command = AskForPlan(**about) if is_plan else AskForClosure(**about)
            by = ask_for_plan if is_plan else ask_for_closure
            wrong = self._tried(who, key, command, by, place="agreement" if is_plan else "reason")
        if wrong:
            return ask_again(self._form(key, row, typed, wrong))
        return go_to(f"{PATH}/{key}/episodes/{row['id']}?done=asked")

    def _tried(
        self, who: Principal, key: str, command: AskForPlan | AskForClosure, by: Callable[..., Answer], *, place: str
    ) -> dict[str, str]:
        sealer = Sealer.of_known(self._context, [key])
        try:
            self._admission.carry_out(who, key, command, lambda work: by(command, work, sealer=sealer))
        except InvalidInputError as error:
            return {FIELDS[error.problems[0]["pointer"].removeprefix("#/")]: str(error)}
        except RuleViolationError as error:
            return {place: str(error)}
        return {}

    def _open(self, who: Principal, key: str, episode_id: Any) -> dict[str, Any]:
        """Give an open episode that they may see; another one is not there."""
        rows = [row for row in self._admission.open_episodes_of(who, key) if row["id"] == str(episode_id)]
        if not rows:
            abort(404)
        return rows[0]

    def _form(self, key: str, row: dict[str, Any], typed: Typed, wrong: dict[str, str]) -> str:
        person = self._web.read("case:survivor:read", key, lambda: self._admission.survivors.survivor(key))
        reasons = get("closure_reason")
        return render_template(
            "case/approval_new.html",
            person=person,
            base=f"{PATH}/{key}/episodes/{row['id']}",
            target=f"{PATH}/{key}/episodes/{row['id']}/approval",
            agreements=choices("plan_agreement", without=("SAID_NO",)),
            ways=choices("consent_method", without=("PORTAL",)),
            reasons=[(code, reasons.label(code)) for code in WAITING_REASONS],
            asked_of=ASKED_OF,
            typed=typed,
            wrong=wrong,
        )
