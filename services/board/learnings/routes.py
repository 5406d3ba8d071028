"""The key learnings over HTTP."""

from typing import Any

from marshmallow import fields

from services.board.edge import APPROVERS, READERS, SIGNERS, board_routes
from services.board.learnings.commands import ApproveLearning, WriteLearning, approve_learning, write_learning
from services.board.learnings.views import LearningViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, StrictSchema


class LearningSchema(StrictSchema):
    """What was learned, in words."""

    text = fields.String(required=True)


class EmptySchema(StrictSchema):
    """Nothing needs to be said."""


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes of learnings."""
    views = LearningViews(context.client[context.database_name])

    def read_learnings(_: Asked) -> list[dict[str, Any]]:
        return views.learnings(approved=True)

    return [
        board_routes(
            Route(
                method="GET",
                path="/v1/learnings",
                says="List approved learnings.",
                roles=READERS,
                view=read_learnings,
                action="board:learning:list",
            ),
            Route(
                method="POST",
                path="/v1/learnings",
                says="Write a key learning; it waits for another person.",
                roles=SIGNERS,
                body=LearningSchema,
                gives=AnswerSchema,
                status=201,
                command=_write,
                by=write_learning,
            ),
            Route(
                method="POST",
                path="/v1/learnings/<uuid:learning_id>/approve",
                says="Approve a learning as another person.",
                roles=APPROVERS,
                body=EmptySchema,
                gives=AnswerSchema,
                command=_approve,
                by=approve_learning,
            ),
        )
    ]


def _write(asked: Asked) -> WriteLearning:
    return WriteLearning(learning_id=new_id(), text=asked.body["text"], actor_id=asked.who.actor_id)


def _approve(asked: Asked) -> ApproveLearning:
    return ApproveLearning(learning_id=asked.path["learning_id"], actor_id=asked.who.actor_id)
