"""The HTTP routes of approvals."""

from typing import Any

from services.case.approvals.acting import whose_approval
from services.case.approvals.commands import (
    AskForClosure,
    AskForPlan,
    OnApproval,
    SettleApproval,
    StateAgreement,
    ask_for_closure,
    ask_for_plan,
    settle_approval,
    state_agreement,
)
from services.case.approvals.deciding import Approve, SendBack, approve, send_back
from services.case.approvals.rules import APPROVERS, HOST_ADMIN, SAFEGUARDING_LEAD
from services.case.approvals.schemas import (
    AgreementSchema,
    ApprovalListSchema,
    ApprovalQuerySchema,
    ApprovalSchema,
    ApprovalSettingRowSchema,
    ApprovalSettingSchema,
    AskForClosureSchema,
    AskForPlanSchema,
    SendBackSchema,
)
from services.case.approvals.stating import StateSetting, state_setting
from services.case.approvals.views import ApprovalViews
from services.case.episodes.acting import whose_episode
from services.case.episodes.views import EpisodeViews
from services.case.support.admission import CASEWORK
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Whose
from shared.web.schemas import AnswerSchema, EmptySchema

_OF_EPISODE, _PATH = "/v1/episodes/<uuid:episode_id>/approvals", "/v1/approvals"
_ONE, _SETTING = f"{_PATH}/<uuid:approval_id>", f"{_PATH}/setting"
READERS = (*CASEWORK, SAFEGUARDING_LEAD)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    survivors = SurvivorViews(context)
    episodes, views = EpisodeViews(context, survivors), ApprovalViews(context, survivors)
    of_episode, of_approval = whose_episode(episodes, survivors), whose_approval(views, episodes, survivors)

    def sealing(command: OnApproval) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    post: dict[str, Any] = {"method": "POST", "in_batch": True, "gives": AnswerSchema}
    ask = {**post, "roles": CASEWORK, "whose": of_episode, "needs": sealing, "status": 201,
           "location": "/v1/approvals/{id}"}  # fmt: skip
    about = {**post, "roles": CASEWORK, "whose": of_approval, "needs": sealing}
    asking = [
        Route(
            **ask,
            path=f"{_OF_EPISODE}/plan",
            says="Ask that the plan is approved exactly as it stands now: open goals and steps, needs and risks.",
            body=AskForPlanSchema,
            command=lambda asked: AskForPlan(**asked.body, **_new(asked)),
            by=ask_for_plan,
        ),
        Route(
            **ask,
            path=f"{_OF_EPISODE}/closure",
            says="Ask that support ends; it ends when somebody else approves.",
            body=AskForClosureSchema,
            command=lambda asked: AskForClosure(**asked.body, **_new(asked)),
            by=ask_for_closure,
        ),
        Route(
            **about,
            path=f"{_ONE}/agreement",
            says="Say how the survivor stands to the plan now; a no ends its approval.",
            body=AgreementSchema,
            command=lambda asked: StateAgreement(**asked.body, **_known(asked)),
            by=state_agreement,
        ),
        Route(
            **about,
            path=f"{_ONE}/settle",
            says="Take back what waits, or say that one has read what was sent back.",
            body=EmptySchema,
            command=lambda asked: SettleApproval(**_known(asked)),
            by=settle_approval,
        ),
    ]
    decide = {**about, "roles": APPROVERS}
    deciding = [
        Route(
            **decide,
            path=f"{_ONE}/approve",
            says="Approve what somebody else asked for; an end of support takes place by it.",
            body=EmptySchema,
            command=lambda asked: Approve(**_known(asked)),
            by=approve,
        ),
        Route(
            **decide,
            path=f"{_ONE}/send-back",
            says="Send back what somebody else asked for, with what is to be mended.",
            body=SendBackSchema,
            command=lambda asked: SendBack(**asked.body, **_known(asked)),
            by=send_back,
        ),
    ]
    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[*asking, *deciding, *_reads(views, of_episode, of_approval), *_setting(views)],
        )
    ]


def _reads(views: ApprovalViews, of_episode: Whose, of_approval: Whose) -> list[Route]:
    return [
        Route(
            method="GET",
            path=_OF_EPISODE,
            says="List what was asked of an episode and what became of it, oldest change first.",
            roles=CASEWORK,
            whose=of_episode,
            query=PageQuerySchema,
            view=lambda asked: views.of_episode(asked.about.id, PageRequest.of(asked.query)),
            action="case:approval:list",
            gives=ApprovalListSchema,
        ),
        Route(
            method="GET",
            path=_PATH,
            says="List approvals, oldest change first; the safeguarding lead sees only what waits for them.",
            roles=READERS,
            query=ApprovalQuerySchema,
            view=lambda asked: views.listed(PageRequest.of(asked.query), asked.who, waits_for=asked.query["waits_for"]),
            action="case:approval:list",
            gives=ApprovalListSchema,
        ),
        Route(
            method="GET",
            path=_ONE,
            says="Read an approval, exactly what is asked for, and how the plan has changed since.",
            roles=READERS,
            whose=of_approval,
            view=lambda asked: views.whole(asked.about.id),
            action="case:approval:read",
            object_id=lambda asked: str(asked.about.row["episode_id"]),
            gives=ApprovalSchema,
        ),
    ]


def _setting(views: ApprovalViews) -> list[Route]:
    return [
        Route(
            method="GET",
            path=_SETTING,
            says="Read whether support waits for an approval before it ends.",
            roles=(*READERS, HOST_ADMIN),
            view=lambda _: views.setting(),
            action="case:approval:policy",
            object_id=lambda _: "list",
            gives=ApprovalSettingRowSchema,
        ),
        Route(
            method="POST",
            path=_SETTING,
            says="State whether support waits for an approval before it ends; a death, and an end that the survivor "
            "wants, never do.",
            roles=(HOST_ADMIN,),
            body=ApprovalSettingSchema,
            command=lambda asked: StateSetting(actor_id=asked.who.actor_id, **asked.body),
            in_batch=True,
            by=state_setting,
            gives=AnswerSchema,
        ),
    ]


def _new(asked: Asked) -> dict[str, Any]:
    row = asked.about.row
    about = {"episode_id": row["id"], "survivor_id": row["survivor_id"]}
    return {"approval_id": new_id(), **about, "actor_id": asked.who.actor_id, "role": asked.who.role}


def _known(asked: Asked) -> dict[str, Any]:
    row = asked.about.row
    about = {"episode_id": row["episode_id"], "survivor_id": row["survivor_id"]}
    return {"approval_id": row["id"], **about, "actor_id": asked.who.actor_id, "role": asked.who.role}
