"""The tasks over HTTP."""

from functools import partial
from typing import Any

from marshmallow import fields, validate

from services.board.edge import READERS, SIGNERS, board_routes
from services.board.tasks.commands import ProposeTask, propose_task
from services.board.tasks.views import TaskViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, StrictSchema

_CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")


class TaskSchema(StrictSchema):
    """A period to count."""

    period = fields.String(required=True, validate=_CODE)
    plan = fields.String(required=True, validate=_CODE)
    roster = fields.List(fields.String(validate=_CODE), required=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes of tasks."""
    views = TaskViews(context.client[context.database_name])

    def read_tasks(_: Asked) -> list[dict[str, Any]]:
        return views.tasks()

    def propose(asked: Asked) -> ProposeTask:
        body = asked.body
        return ProposeTask(task_id=new_id(), period=body["period"], plan_id=body["plan"], roster=tuple(body["roster"]))

    return [
        board_routes(
            Route(
                method="GET",
                path="/v1/tasks",
                says="List tasks.",
                roles=READERS,
                view=read_tasks,
                action="board:task:list",
            ),
            Route(
                method="POST",
                path="/v1/tasks",
                says="Propose a task for a period.",
                roles=SIGNERS,
                body=TaskSchema,
                gives=AnswerSchema,
                status=201,
                command=propose,
                by=partial(propose_task, keys_of=context.task_keys, trust=context.trust),
            ),
        )
    ]
