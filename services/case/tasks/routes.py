"""The safeguarding tasks' HTTP route."""

from marshmallow import Schema, fields

from services.case.tasks.views import TaskViews
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Route, RouteGroup


class TaskSchema(Schema):
    """An open safeguarding task."""

    id = fields.String()
    kind = fields.String()
    urgent = fields.Boolean()
    nation = fields.String()
    import_id = fields.String()
    row = fields.Integer()
    opened_at = fields.AwareDateTime()


class TaskListSchema(Schema):
    """Open safeguarding tasks."""

    items = fields.List(fields.Nested(TaskSchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the tasks' one route."""
    views = TaskViews(context)
    return [
        RouteGroup(
            name="imports",
            about="Exports of a host's own systems",
            routes=[
                Route(
                    method="GET",
                    path="/v1/safeguarding-tasks",
                    says="List open safeguarding tasks, oldest first.",
                    roles=("SAFEGUARDING_LEAD", "HOST_ADMIN", "SUPERVISOR"),
                    query=PageQuerySchema,
                    view=lambda asked: views.tasks(PageRequest.of(asked.query)),
                    action="case:safeguarding:list",
                    gives=TaskListSchema,
                )
            ],
        )
    ]
