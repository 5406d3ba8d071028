"""Where a page joins what one service shows with what another one does: it asks that service's API, as the reader.

Promise: the answer is what the API gives to whoever is signed in, under their own rights and with its own audit; who
has no right there sees nothing of it, and the page is shown without. Shown by
tests/integration/pages/test_survivor_pages.py.
Limit: a process that serves one service alone has no other one to ask, so its pages show what their own service knows.
"""

from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import pymongo
from flask import current_app, g, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from shared.kernel.ids import new_id
from shared.web.pages.session import Sessions

EXTENSION = "alongside-sessions"
READS_WITHIN_S = 2.0
"""Seconds for what another service reads: a name is not worth more of the reader's ten."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an API answered.

    Attributes:
        body: Its JSON; empty where there is none.
    """

    status: int
    body: Mapping[str, Any]


def ask(path: str, *, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None) -> Any | None:
    """Ask the API of this process as whoever is signed in; None where it refuses, or the service is not here.

    Args:
        path: Such as ``/v1/advocates``.
        body: Makes it a POST.
        query: Parameters of a GET.
    """
    content = current_app.json.dumps(body).encode() if body is not None else None
    told = _call(path, content, "application/json", query=query, key=new_id())
    return told.body if told.status == HTTPStatus.OK else None


def send(path: str, content: bytes, content_type: str, *, query: Mapping[str, str], key: str) -> Told:
    """Send a file on to the API as whoever is signed in.

    Args:
        key: The form's own number, so that a form sent twice is one request there too.
    """
    # The address bounds itself: reading a file may take longer than reading a name.
    return _call(path, content, content_type, query=query, key=key, within=_unbounded)


def _call(
    path: str,
    content: bytes | None,
    content_type: str,
    *,
    query: Mapping[str, str] | None,
    key: str,
    within: "Callable[[Callable[[], Response]], Response] | None" = None,
) -> Told:
    sessions: Sessions = current_app.extensions[EXTENSION]
    headers = {
        "Authorization": f"Bearer {sessions.token(request) or ''}",
        "Accept": "application/json",
        "Idempotency-Key": key,
    }
    if "traceparent" in g:
        headers["traceparent"] = g.traceparent
    builder = EnvironBuilder(
        path=path,
        method="GET" if content is None else "POST",
        query_string=query,
        data=content,
        content_type=content_type if content is not None else None,
        headers=Headers(headers),
    )
    # In a context of its own: within this one Flask would let both requests share one ``g``.
    call = partial(Response.from_app, current_app.wsgi_app, builder.get_environ(), buffered=True)
    try:
        answer = Context().run(within or _within, call)
    finally:
        builder.close()
    is_json = (answer.mimetype or "").endswith("json")
    said = current_app.json.loads(answer.get_data(as_text=True)) if is_json else {}
    return Told(status=answer.status_code, body=said if isinstance(said, dict) else {})


def _unbounded(call: Callable[[], Response]) -> Response:
    return call()


def _within(call: Callable[[], Response]) -> Response:
    with pymongo.timeout(READS_WITHIN_S):
        return call()
