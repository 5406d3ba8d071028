"""How the hosts' audit logs stand with the board, and the key with which it cosigns, over HTTP."""

from typing import Any

from services.board.edge import READERS, board_routes
from shared.kernel.tenancy import BOARD
from shared.runtime.context import ServiceContext
from shared.runtime.witnessing import host_logs
from shared.web.routes import Asked, Route, RouteGroup


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the one route."""

    def read_host_logs(_asked: Asked) -> dict[str, Any]:
        return host_logs(context, witness=BOARD)

    return [
        board_routes(
            Route(
                method="GET",
                path="/v1/host-logs",
                says="Read how each host's audit log stands with this witness, and the key with which it cosigns.",
                roles=READERS,
                view=read_host_logs,
                action="board:host_log:list",
            )
        )
    ]
