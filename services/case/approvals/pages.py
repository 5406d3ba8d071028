"""The pages of approvals: ask for one on the episode's page, see what waits, read exactly what is asked, and decide.

Promise: the same rights, commands and audited reads as the API's; the longest waiting stands first; what was typed
stays when something is to be mended. Shown by tests/integration/pages/test_approval_pages.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, request

from services.case.approvals.acting import whose_approval
from services.case.approvals.asking_pages import AskPages
from services.case.approvals.commands import (
    OnApproval,
    SettleApproval,
    StateAgreement,
    settle_approval,
    state_agreement,
)
from services.case.approvals.deciding import Approve, SendBack, approve, send_back
from services.case.approvals.forms import FIELDS, Typed
from services.case.approvals.rules import APPROVERS, HOST_ADMIN, SAFEGUARDING_LEAD
from services.case.approvals.stating import StateSetting, state_setting
from services.case.approvals.views import ApprovalViews, Rows
from services.case.approvals.words import in_words, part_words
from services.case.rights.words import choices
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import Link, PageSet, Part, go_to
from shared.web.routes import Subject

APPROVALS = "/approvals"
MOST = 50
_ONE = f"{APPROVALS}/<uuid:approval_id>"
_READERS = (*CASEWORK, SAFEGUARDING_LEAD)


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built, asking = _Pages(context, web), AskPages(context, web)
    blueprint = Blueprint("approvals", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(APPROVALS)(built.listed)
    blueprint.post(f"{APPROVALS}/setting")(built.state)
    blueprint.get(_ONE)(built.show)
    blueprint.post(f"{_ONE}/<any('approve', 'send-back', 'settle', 'agreement'):verb>")(built.act)
    asking.add_to(blueprint)
    does = "What waits for somebody else before it holds: plans, and ends of support."
    roles = (*_READERS, HOST_ADMIN)
    return PageSet(
        blueprint=blueprint,
        prefixes=(APPROVALS,),
        roles=roles,
        home=PATH,
        begins=(),
        links=(Link(path=APPROVALS, words="Approvals", part=Part.PEOPLE, does=does, roles=roles),),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._survivors = SurvivorViews(context)
        self._views = ApprovalViews(context, self._survivors)
        self._whose = whose_approval(self._views, self._admission.episodes, self._survivors)

    def listed(self) -> str:
        """Show what waits, the oldest first; an administrator sees the setting alone."""
        who = self._web.require(*_READERS, HOST_ADMIN)
        loaded: tuple[Rows, Rows] = ([], [])
        if who.role != HOST_ADMIN:
            loaded = self._web.read("case:approval:list", "list", lambda: self._load(who))
        waiting, to_read = loaded
        now, names = self._context.clock.now(), self._names(who, [*waiting, *to_read])
        return render_template(
            "case/approvals.html",
            waiting=[in_words(row, names, now) for row in waiting],
            to_read=[in_words(row, names, now) for row in to_read],
            most=MOST,
            setting=self._views.setting(),
            role=who.role,
            done=request.args.get("done", "")[:20],
        )

    def state(self) -> Any:
        """State whether support waits for an approval before it ends."""
        who = self._web.require(HOST_ADMIN)
        command = StateSetting(closures_wait=request.form.get("closures_wait") == "yes", actor_id=who.actor_id)
        self._web.carry_out(command, lambda work: state_setting(command, work))
        return go_to(f"{APPROVALS}?done=setting")

    def show(self, approval_id: Any) -> str:
        """Show exactly what is asked for."""
        who, stub = self._about(approval_id, "case:approval:read")
        return self._page(who, stub, Typed(), {})

    def act(self, approval_id: Any, verb: str) -> Any:
        """Approve, send back, take back, or say how the survivor stands to it."""
        who, stub = self._about(approval_id, f"case:approval:{verb}")
        if who.role not in (APPROVERS if verb in ("approve", "send-back") else CASEWORK):
            self._web.refuse(stub["id"], action=f"case:approval:{verb}")
        typed = Typed.of(request.form)
        said, wrong = typed.agreed() if verb == "agreement" else ({}, {})
        if verb == "send-back":
            said, wrong = {"words": typed.words}, typed.chosen("words")
        if not wrong:
            wrong = self._tried(who, stub, verb, said)
        return ask_again(self._page(who, stub, typed, wrong)) if wrong else go_to(f"{APPROVALS}?done={verb}")

    def _tried(self, who: Principal, stub: dict[str, Any], verb: str, said: dict[str, Any]) -> dict[str, str]:
        made: dict[str, tuple[type[OnApproval], Callable[..., Answer]]] = {
            "approve": (Approve, approve),
            "send-back": (SendBack, send_back),
            "settle": (SettleApproval, settle_approval),
            "agreement": (StateAgreement, state_agreement),
        }
        make, by = made[verb]
        about = {"approval_id": stub["id"], **{name: stub[name] for name in ("episode_id", "survivor_id")}}
        command = make(**about, actor_id=who.actor_id, role=who.role, **said)
        sealer = Sealer.of_known(self._context, [stub["survivor_id"]])
        try:
            self._admission.carry_out(who, stub["survivor_id"], command, lambda work: by(command, work, sealer=sealer))
        except InvalidInputError as error:
            return {FIELDS[error.problems[0]["pointer"].removeprefix("#/")]: str(error)}
        except RuleViolationError as error:
            return {"top": str(error)}
        return {}

    def _about(self, approval_id: Any, action: str) -> tuple[Principal, dict[str, Any]]:
        who, key = self._web.require(*_READERS), str(approval_id)
        stub = self._views.stub(key)
        standing = self._whose.allows(who, Subject(id=key, row=stub))
        if not standing:
            self._web.refuse(key, action=action)
        if isinstance(standing, Standing):
            self._web.stands(standing)
        return who, stub

    def _load(self, who: Principal) -> tuple[Rows, Rows]:
        back = self._views.to_read(who, MOST) if who.role in CASEWORK else []
        return self._views.waiting(who, MOST), back

    def _names(self, who: Principal, rows: Rows) -> dict[str, str]:
        """Give what people are called; the safeguarding lead reads the host's own reference and no name."""
        people = self._survivors.named({row["survivor_id"] for row in rows})
        named = who.role in CASEWORK
        return {one["id"]: (named and one["name"]) or one["reference"] or "" for one in people}

    def _page(self, who: Principal, stub: dict[str, Any], typed: Typed, wrong: dict[str, str]) -> str:
        row = self._web.read("case:approval:read", stub["episode_id"], lambda: self._views.whole(stub["id"]))
        if row["survivor_id"] != stub["survivor_id"]:
            abort(404)
        return render_template(
            "case/approval.html",
            one=in_words(row, self._names(who, [row]), self._context.clock.now()),
            parts_of_plan=[part_words(part) for part in row["plan"]],
            said=[{**one, "words": get("plan_agreement").label(one["agreement"])} for one in row["said"]],
            decides=who.role in APPROVERS and row["waits_for"] == "APPROVER",
            works=who.role in CASEWORK,
            own=row["asked_by"] == who.actor_id,
            base=f"{PATH}/{row['survivor_id']}" if who.role in CASEWORK else None,
            target=f"{APPROVALS}/{row['id']}",
            agreements=choices("plan_agreement"),
            ways=choices("consent_method", without=("PORTAL",)),
            typed=typed,
            wrong=wrong,
        )
