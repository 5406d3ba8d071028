"""The custodian's one route: tasks with their state, no figure."""

from typing import Any

from services.custodian.tasks.views import TaskViews
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the one route."""
    views = TaskViews(context.client[context.database_name])

    def read_tasks(_: Asked) -> list[dict[str, Any]]:
        return views.tasks()

    return [
        RouteGroup(
            name="custodian",
            about="What the custodian holds",
            routes=[
                Route(
                    method="GET",
                    path="/v1/tasks",
                    says="List tasks with their state.",
                    roles=("DATA_GUARDIAN", "PLATFORM_OPERATOR"),
                    view=read_tasks,
                    action="custodian:task:list",
                )
            ],
        )
    ]
