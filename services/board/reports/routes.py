"""The hosts' punctuality over HTTP."""

from typing import Any

from services.board.edge import READERS, board_routes
from services.board.reports.views import HostViews
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the one route of reports."""
    views = HostViews(context.client[context.database_name], context.clock.now, context.trust.hosts.names)

    def read_hosts(_: Asked) -> list[dict[str, Any]]:
        return views.hosts()

    return [
        board_routes(
            Route(
                method="GET",
                path="/v1/hosts",
                says="List hosts: on time, not sent, or waited for; nothing more.",
                roles=READERS,
                view=read_hosts,
                action="board:host:list",
            )
        )
    ]
