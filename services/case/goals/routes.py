"""The goals' HTTP routes."""

from typing import Any

from services.case.episodes.acting import whose_episode
from services.case.episodes.views import EpisodeViews
from services.case.goals.commands import (
    EndGoal,
    OnGoal,
    ScoreGoal,
    SetGoal,
    TakeGoalUp,
    end_goal,
    score_goal,
    set_goal,
    take_goal_up,
)
from services.case.goals.schemas import EndGoalSchema, GoalListSchema, GoalSchema, ScoreListSchema, ScoreSchema
from services.case.goals.views import GoalViews
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

CASEWORK = ("IMSA", "SUPERVISOR")
_PATH = "/v1/episodes/<uuid:episode_id>/goals"
_ONE = f"{_PATH}/<uuid:goal_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the goals' routes."""
    survivors = SurvivorViews(context)
    whose = whose_episode(EpisodeViews(context, survivors), survivors)
    views = GoalViews(context)

    def sealing(command: OnGoal) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def scores(asked: Asked) -> Page:
        return views.scores(asked.about.id, asked.path["goal_id"], PageRequest.of(asked.query))

    post: dict[str, Any] = {"method": "POST", "roles": CASEWORK, "whose": whose, "in_batch": True, "needs": sealing}
    get: dict[str, Any] = {"method": "GET", "roles": CASEWORK, "whose": whose, "query": PageQuerySchema}
    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    **post,
                    path=_PATH,
                    says="Add what the survivor wants to reach.",
                    body=GoalSchema,
                    command=lambda asked: SetGoal(**asked.body, **_about(asked, new_id())),
                    by=set_goal,
                    status=201,
                    gives=AnswerSchema,
                ),
                Route(
                    **get,
                    path=_PATH,
                    says="List an episode's goals.",
                    view=lambda asked: views.of_episode(asked.about.row, PageRequest.of(asked.query)),
                    action="case:goal:list",
                    gives=GoalListSchema,
                ),
                Route(
                    **post,
                    path=f"{_ONE}/scores",
                    says="Record how far a goal is, as the survivor says, from 0 to 10; or that they did not say.",
                    body=ScoreSchema,
                    command=lambda asked: ScoreGoal(score_id=new_id(), **asked.body, **_named(asked)),
                    by=score_goal,
                    status=201,
                    gives=AnswerSchema,
                ),
                Route(
                    **get,
                    path=f"{_ONE}/scores",
                    says="List what the survivor said of a goal, the oldest first.",
                    view=scores,
                    action="case:goal:scores",
                    gives=ScoreListSchema,
                ),
                Route(
                    **post,
                    path=f"{_ONE}/end",
                    says="End a goal: reached, partly reached, or no longer wanted.",
                    body=EndGoalSchema,
                    command=lambda asked: EndGoal(how=asked.body["how"], **_named(asked)),
                    by=end_goal,
                    gives=AnswerSchema,
                ),
                Route(
                    **post,
                    path=f"{_ONE}/take-up",
                    says="Take a goal up again that had ended.",
                    body=EmptySchema,
                    command=lambda asked: TakeGoalUp(**_named(asked)),
                    by=take_goal_up,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]


def _about(asked: Asked, goal_id: str) -> dict[str, Any]:
    row = asked.about.row
    return {
        "episode_id": row["id"],
        "survivor_id": row["survivor_id"],
        "goal_id": goal_id,
        "actor_id": asked.who.actor_id,
    }


def _named(asked: Asked) -> dict[str, Any]:
    return _about(asked, asked.path["goal_id"])
