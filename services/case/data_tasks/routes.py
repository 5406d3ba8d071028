"""The data lead's tasks over HTTP."""

from typing import Any

from marshmallow import Schema, fields

from services.case.data_tasks.commands import CloseDataTask, close_data_task
from services.case.data_tasks.documents import DATA_TASK, DATA_TASKS, open_for
from services.case.data_tasks.rules import READERS
from shared.runtime.context import ServiceContext
from shared.web.listing import find_page
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema


class DataTaskSchema(Schema):
    """An open task for the data lead."""

    id = fields.String()
    kind = fields.String(
        metadata={
            "description": "GONE_AT_SOURCE: their system's file no longer has this person (closed, moved, deleted?). "
            "PLANNED_NO_NOT_COMMITTED: a plan with a no in it was not committed within a day. "
            "REFUSED_FILE_SAID_NO: a file was refused as a whole, or stopped, and says no for people who are known here"
        }
    )
    state = fields.String()
    import_id = fields.String()
    episode_id = fields.String(allow_none=True)
    survivor_id = fields.String(allow_none=True)
    people = fields.Integer(
        allow_none=True, metadata={"description": "How many known people it is about, where it is not about one."}
    )
    opened_at = fields.AwareDateTime()
    version = fields.Integer()


class DataTaskListSchema(Schema):
    """Open tasks for the data lead."""

    items = fields.List(fields.Nested(DataTaskSchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the tasks' routes; they stand among the imports'."""
    tasks = context.client[context.database_name][DATA_TASKS]

    def row(document: dict[str, Any]) -> dict[str, Any]:
        return DATA_TASK.row(DATA_TASK.values(document))

    return [
        RouteGroup(
            name="imports",
            about="Exports of a host's own systems",
            routes=[
                Route(
                    method="GET",
                    path="/v1/data-tasks",
                    says="List open tasks that imports left, oldest first; a supervisor sees those about people.",
                    roles=READERS,
                    query=PageQuerySchema,
                    view=lambda asked: find_page(
                        tasks,
                        PageRequest.of(asked.query),
                        where=open_for(asked.who.role),
                        row=row,
                    ),
                    action="case:data_task:list",
                    gives=DataTaskListSchema,
                ),
                Route(
                    method="POST",
                    path="/v1/data-tasks/<uuid:task_id>/close",
                    says="Close a task that was looked into.",
                    roles=READERS,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: CloseDataTask(task_id=asked.path["task_id"], role=asked.who.role),
                    by=close_data_task,
                ),
            ],
        )
    ]
