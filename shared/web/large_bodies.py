"""Files that are larger than any other body: who may send one, and how it is taken, never whole in memory.

Promise: before a byte of it is taken, the server asks whether this caller may use this address; what is taken waits on
disk under a key that only this process's memory has. Shown by tests/integration/shared/test_web_large_bodies.py.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, current_app, g, request

from shared.kernel.errors import AlongsideError
from shared.keys.spool import SealedSpool, spool_of
from shared.web.routes import ANYBODY, Route
from shared.web.tokens import TokenVerifier, may_come_from

_MARK = "alongside_takes_a_file"


def mark_large(view: Callable[..., Any], route: Route) -> None:
    """Note on a view that its route takes a large file."""
    setattr(view, _MARK, route)


def most_of_a_file(endpoint: str | None) -> int | None:
    """Give how large a file the route of this endpoint takes; None where it takes none."""
    route = _marked(current_app, endpoint)
    return None if route is None else route.file_bytes


def taken_file(most: int) -> SealedSpool:
    """Take the request's body as a file; the repeat of a request is then known by it, too.

    Raises:
        SpoolFullError: It is larger than it may be.
    """
    # Our own server has put it on disk already.
    spool = spool_of(request.environ.get("wsgi.input")) or SealedSpool.of(request.stream, most)
    g.taken_file = spool
    return spool


class LargeBodies:
    """Says which request may bring a large file."""

    def __init__(self, app: Flask, verifier: TokenVerifier) -> None:
        """Take an application whose routes are all known."""
        self._routes: Mapping[tuple[str, str], Route] = {
            (method, rule.rule): route
            for rule in app.url_map.iter_rules()
            if (route := _marked(app, rule.endpoint)) is not None
            for method in rule.methods or ()
            if method == route.method
        }
        self._verifier = verifier

    def room_for(self, method: str, path: str, authorization: str | None, address: str) -> int:
        """Give how many bytes a caller may send there from an address; 0 where no more than usual."""
        route = self._routes.get((method, path))
        if route is None or route.file_bytes is None:
            return 0
        try:
            who = self._verifier.verify(authorization)
        except AlongsideError:
            return 0
        if not may_come_from(who.networks, address):
            return 0
        may = tuple(route.roles) == ANYBODY or who.role in route.roles or (route.scope in who.scopes)
        # waitress refuses what is as large as its limit.
        return route.file_bytes + 1 if may else 0


def _marked(app: Flask, endpoint: str | None) -> Route | None:
    route: Route | None = getattr(app.view_functions.get(endpoint or ""), _MARK, None)
    return route
