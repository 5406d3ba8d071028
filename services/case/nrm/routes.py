"""The NRM's HTTP routes: whoever may act on a survivor reads, their advocate writes."""

from dataclasses import asdict
from typing import Any

from services.case.nrm.commands import (
    CorrectNrm,
    OnNrm,
    PlanDeadline,
    RecordNrm,
    TakeNrmBack,
    correct_nrm,
    plan_deadline,
    record_nrm,
    take_nrm_back,
)
from services.case.nrm.policy import lines, version
from services.case.nrm.rules import SAID
from services.case.nrm.schemas import (
    CorrectNrmSchema,
    NrmDeadlinesSchema,
    NrmListSchema,
    NrmPolicySchema,
    NrmSchema,
    PlanNrmSchema,
    TakeNrmBackSchema,
)
from services.case.nrm.views import NrmViews
from services.case.survivors.acting import whose_survivor
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema

WRITERS, READERS = (ADVOCATE,), (ADVOCATE, "SUPERVISOR")
_PATH = "/v1/survivors/<uuid:survivor_id>/nrm"
_ONE = f"{_PATH}/<uuid:entry_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the NRM's routes."""
    whose = whose_survivor(SurvivorViews(context), lambda asked: asked.path["survivor_id"])
    views = NrmViews(context)

    def sealing(command: OnNrm) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def policy(_asked: Asked) -> dict[str, Any]:
        return {"version": version(), "items": [asdict(line) for line in lines()]}

    post: dict[str, Any] = {"method": "POST", "whose": whose, "in_batch": True, "needs": sealing, "status": 201}
    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    **post,
                    path=_PATH,
                    says="Write down what is known of the NRM; it is sent to nobody, and nothing of support changes.",
                    roles=WRITERS,
                    body=NrmSchema,
                    command=lambda asked: RecordNrm(said=_said(asked), **_about(asked, new_id())),
                    by=record_nrm,
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="List what was written down of a survivor's NRM, each correction beside what it corrects.",
                    roles=READERS,
                    whose=whose,
                    query=PageQuerySchema,
                    view=lambda asked: views.of_survivor(asked.about.id, PageRequest.of(asked.query)),
                    action="case:nrm:list",
                    gives=NrmListSchema,
                ),
                Route(
                    method="GET",
                    path=f"{_PATH}/deadlines",
                    says="Read by when something is to be asked for, or how long support lasts, and by which rule.",
                    roles=READERS,
                    whose=whose,
                    view=lambda asked: views.known(asked.about.id).row,
                    action="case:nrm:deadlines",
                    gives=NrmDeadlinesSchema,
                ),
                Route(
                    **post,
                    path=f"{_ONE}/corrections",
                    says="Correct an entry that was written wrongly; what stood there stays to be seen.",
                    roles=WRITERS,
                    body=CorrectNrmSchema,
                    command=_correct,
                    by=correct_nrm,
                    gives=AnswerSchema,
                ),
                Route(
                    **post,
                    path=f"{_ONE}/take-back",
                    says="Take back an entry that is not about this person; what stood there stays to be seen.",
                    roles=WRITERS,
                    body=TakeNrmBackSchema,
                    command=lambda asked: TakeNrmBack(why=asked.body["why"], **_named(asked)),
                    by=take_nrm_back,
                    gives=AnswerSchema,
                ),
                Route(
                    **post,
                    path=f"{_ONE}/plan",
                    says="Put a time that runs from an entry on the list of what is to be done.",
                    roles=READERS,
                    body=PlanNrmSchema,
                    command=lambda asked: PlanDeadline(kind=asked.body["kind"], **_named(asked)),
                    by=plan_deadline,
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/nrm-policy",
                    says="Read how long each time of the NRM lasts: by nation and first day, each with its source.",
                    roles=(*READERS, "HOST_DPO"),
                    gives=NrmPolicySchema,
                    view=policy,
                    action="case:nrm:policy",
                ),
            ],
        )
    ]


def _said(asked: Asked) -> dict[str, Any]:
    return {name: asked.body[name] for name in SAID}


def _about(asked: Asked, entry_id: str) -> dict[str, Any]:
    return {
        "survivor_id": asked.about.id,
        "entry_id": entry_id,
        "actor_id": asked.who.actor_id,
        "role": asked.who.role,
    }


def _named(asked: Asked) -> dict[str, Any]:
    return _about(asked, asked.path["entry_id"])


def _correct(asked: Asked) -> CorrectNrm:
    cleared = frozenset(asked.body["clear"])
    return CorrectNrm(said=_said(asked), cleared=cleared, why=asked.body["why"], **_named(asked))
