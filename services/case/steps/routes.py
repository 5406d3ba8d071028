"""The steps' HTTP routes."""

from collections.abc import Mapping
from typing import Any

from services.case.steps.commands import (
    AddStep,
    DropStep,
    FinishStep,
    MoveStep,
    OnStep,
    TakeStep,
    add_step,
    drop_step,
    finish_step,
    move_step,
    take_step,
)
from services.case.steps.schemas import (
    DropSchema,
    FinishedSchema,
    MoveSchema,
    StepListSchema,
    StepQuerySchema,
    StepSchema,
)
from services.case.steps.views import StepViews
from services.case.survivors.acting import whose_survivor
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

CASEWORK = ("IMSA", "SUPERVISOR")
_OF_SURVIVOR, _ONE = "/v1/survivors/<uuid:survivor_id>/steps", "/v1/steps/<uuid:step_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the steps' routes."""
    survivors = SurvivorViews(context)
    views = StepViews(context, survivors)
    whose = whose_survivor(survivors, lambda asked: asked.path["survivor_id"])
    whose_step = whose_survivor(survivors, lambda asked: str(views.step(asked.path["step_id"])["survivor_id"]))

    def sealing(command: OnStep) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def listed(asked: Asked) -> Page:
        return views.steps(PageRequest.of(asked.query), asked.who, **_only(asked.query))

    def of_survivor(asked: Asked) -> Page:
        return views.of_survivor(asked.about.id, PageRequest.of(asked.query), **_only(asked.query))

    common: dict[str, Any] = {"method": "POST", "roles": CASEWORK, "in_batch": True, "needs": sealing}
    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    **common,
                    path=_OF_SURVIVOR,
                    says="Add a step: what is to be done for a survivor, by which day; or agree a review.",
                    whose=whose,
                    body=StepSchema,
                    command=_add,
                    by=add_step,
                    status=201,
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path=_OF_SURVIVOR,
                    says="List a survivor's steps, oldest change first.",
                    roles=CASEWORK,
                    whose=whose,
                    query=StepQuerySchema,
                    view=of_survivor,
                    action="case:step:list",
                    gives=StepListSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/steps",
                    says="List the steps of everybody on whom one may act, oldest change first; a supervisor sees all.",
                    roles=CASEWORK,
                    query=StepQuerySchema,
                    view=listed,
                    action="case:step:list",
                    gives=StepListSchema,
                ),
                Route(
                    **common,
                    path=f"{_ONE}/take",
                    says="Say that one does it; whoever had said so before does not any more.",
                    whose=whose_step,
                    body=EmptySchema,
                    command=lambda asked: TakeStep(**_named(asked)),
                    by=take_step,
                    gives=AnswerSchema,
                ),
                Route(
                    **common,
                    path=f"{_ONE}/move",
                    says="Set another day, or none.",
                    whose=whose_step,
                    body=MoveSchema,
                    command=lambda asked: MoveStep(due_on=asked.body["due_on"], **_named(asked)),
                    by=move_step,
                    gives=AnswerSchema,
                ),
                Route(
                    **common,
                    path=f"{_ONE}/done",
                    says="Mark it done; a review that was held opens the next one on its rhythm.",
                    whose=whose_step,
                    body=EmptySchema,
                    command=lambda asked: FinishStep(**_named(asked)),
                    by=finish_step,
                    gives=FinishedSchema,
                ),
                Route(
                    **common,
                    path=f"{_ONE}/drop",
                    says="Drop it, and say why; a review that is dropped opens no next one.",
                    whose=whose_step,
                    body=DropSchema,
                    command=lambda asked: DropStep(why=asked.body["why"], **_named(asked)),
                    by=drop_step,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]


def _add(asked: Asked) -> AddStep:
    goal = asked.body["goal_id"]
    body = {**asked.body, "goal_id": None if goal is None else str(goal)}
    return AddStep(**_about(asked, new_id()), **body)


def _only(query: Mapping[str, Any]) -> dict[str, Any]:
    return {"state": query["state"], "overdue": query["overdue"]}


def _about(asked: Asked, step_id: str) -> dict[str, Any]:
    return {"step_id": step_id, "survivor_id": asked.about.id, "actor_id": asked.who.actor_id}


def _named(asked: Asked) -> dict[str, Any]:
    return _about(asked, asked.path["step_id"])
