"""The board's edge: who may read, sign and approve, over HTTP and on the pages, and the one group of its routes."""

from shared.web.routes import Route, RouteGroup

READERS = ("BOARD_MEMBER", "STATISTICIAN", "RELEASE_APPROVER", "DATA_GUARDIAN", "PLATFORM_OPERATOR")
SIGNERS = ("STATISTICIAN",)
APPROVERS = ("RELEASE_APPROVER", "DATA_GUARDIAN")
GUARDIANS = ("DATA_GUARDIAN",)
WORKERS = (*SIGNERS, *APPROVERS)


def board_routes(*routes: Route) -> RouteGroup:
    """Give a room's routes; all rooms of the board stand under one tag."""
    return RouteGroup(name="board", about="What the board sees", routes=routes)
