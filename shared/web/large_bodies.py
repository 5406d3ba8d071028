"""Files that are larger than any other body: who may send one, and how it is taken, never whole in memory.

Promise: before a byte of it is taken, the server asks whether this caller may use this address; what is taken waits on
disk under a key that only this process's memory has. Shown by tests/integration/shared/test_web_large_bodies.py.
"""

import functools
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request

from shared.kernel.errors import AlongsideError
from shared.keys.spool import SealedSpool, spool_of
from shared.web.routes import ANYBODY, Route
from shared.web.tokens import TokenVerifier, may_come_from

_MARK = "alongside_takes_a_file"
_OF_THE_FORM = 64 * 1024
"""Bytes that a form has beside its file."""


@dataclass(frozen=True, kw_only=True)
class PageForm:
    """A page's form that takes a large file from whoever has one of these roles."""

    file_bytes: int
    roles: tuple[str, ...]
    method: str = "POST"
    scope: str | None = None


def takes_a_file(view: Callable[..., Any], *, roles: tuple[str, ...], most: int) -> Callable[..., Any]:
    """Let a page's form bring a large file; only somebody who is signed in with one of these roles may send it."""

    @functools.wraps(view)
    def taking(*values: Any, **named: Any) -> Any:
        return view(*values, **named)

    setattr(taking, _MARK, PageForm(file_bytes=most + _OF_THE_FORM, roles=roles))
    return taking


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


class SealedFormFile:
    """Where a form's large file is kept: sealed on disk; what werkzeug asks of a file."""

    def __init__(self, most: int) -> None:
        """Begin empty."""
        self._spool = SealedSpool(most)
        self._reader: io.BufferedReader | None = None

    @property
    def raw(self) -> Any:
        """What is read from, as ``spool_of`` looks for it."""
        return None if self._reader is None else self._reader.raw

    def write(self, content: bytes) -> int:
        """Add to its end."""
        self._spool.write(content)
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is added after that."""
        if self._reader is None:
            self._spool.seal()
            self._reader = self._spool.reader()
        return self._reader.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        """Read from where one is."""
        return b"" if self._reader is None else self._reader.read(size)

    def close(self) -> None:
        """Let it go."""
        self._spool.close()


class LargeBodies:
    """Says which request may bring a large file."""

    def __init__(
        self,
        app: Flask,
        verifier: TokenVerifier,
        session_in: Callable[[Mapping[str, str]], str | None] = lambda _headers: None,
    ) -> None:
        """Take an application whose routes are all known, and what finds a page's session in headers."""
        self._session_in = session_in
        self._routes: Mapping[tuple[str, str], Route | PageForm] = {
            (method, rule.rule): route
            for rule in app.url_map.iter_rules()
            if (route := _marked(app, rule.endpoint)) is not None
            for method in rule.methods or ()
            if method == route.method
        }
        self._verifier = verifier

    def room_for(self, method: str, path: str, headers: Mapping[str, str], address: str) -> int:
        """Give how many bytes a caller may send there from an address; 0 where no more than usual.

        Args:
            method: Of the request.
            path: Of the request.
            headers: By their names in capitals; a page's form is sent by a session, anything else by a token.
            address: The sender's.
        """
        route = self._routes.get((method, path))
        if route is None or route.file_bytes is None:
            return 0
        authorization = headers.get("AUTHORIZATION")
        if isinstance(route, PageForm):
            authorization = f"Bearer {self._session_in(headers) or ''}"
        try:
            who = self._verifier.verify(authorization)
        except AlongsideError:
            return 0
        if not may_come_from(who.networks, address):
            return 0
        may = tuple(route.roles) == ANYBODY or who.role in route.roles or (route.scope in who.scopes)
        # waitress refuses what is as large as its limit.
        return route.file_bytes + 1 if may else 0


def _marked(app: Flask, endpoint: str | None) -> Route | PageForm | None:
    route: Route | PageForm | None = getattr(app.view_functions.get(endpoint or ""), _MARK, None)
    return route
