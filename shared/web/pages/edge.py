"""Where a page joins what one service shows with what another one does: it asks that service's API, as the reader.

Promise: the answer is what the API gives to whoever is signed in, under their own rights and with its own audit; who
has no right there sees nothing of it, and the page is shown without. Shown by
tests/integration/pages/test_survivor_pages.py; how long it waits, by tests/unit/shared/web/test_pages_edge.py.
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
from shared.keys.spool import SealedSpool
from shared.web.deadlines import READ_WITHIN_S, WAITING_SINCE, wait_outside, waited_s
from shared.web.pages.session import Sessions

EXTENSION = "alongside-sessions"
READS_WITHIN_S = 2.0
"""Seconds for what another service reads, of those that the page's own reads have: a name is not worth more."""


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

    It waits within the reader's own time: where that is used up, nobody is asked any more.

    Args:
        path: Such as ``/v1/advocates``.
        body: Makes it a POST.
        query: Parameters of a GET.
    """
    left_s = min(READS_WITHIN_S, READ_WITHIN_S - waited_s())
    if left_s <= 0:
        return None
    content = current_app.json.dumps(body).encode() if body is not None else None
    told = _call(path, content, "application/json", query=query, key=new_id(), within_s=left_s)
    return told.body if told.status == HTTPStatus.OK else None


def send(path: str, content: SealedSpool, content_type: str, *, query: Mapping[str, str], key: str) -> Told:
    """Send a file on to the API as whoever is signed in.

    Args:
        key: The form's own number, so that a form sent twice is one request there too.
    """
    # The address bounds itself: reading a file may take longer than reading a name.
    return wait_outside(lambda: _call(path, content, content_type, query=query, key=key))


def _call(
    path: str,
    content: bytes | SealedSpool | None,
    content_type: str,
    *,
    query: Mapping[str, str] | None,
    key: str,
    within_s: float | None = None,
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
        **_body(content),
        content_type=content_type if content is not None else None,
        headers=Headers(headers),
        environ_overrides={WAITING_SINCE: g.waiting_since} if within_s is not None else None,
    )
    # In a context of its own: within this one Flask would let both requests share one ``g``.
    call = partial(Response.from_app, current_app.wsgi_app, builder.get_environ(), buffered=True)
    try:
        answer = Context().run(_bounded, call, within_s)
    finally:
        builder.close()
    is_json = (answer.mimetype or "").endswith("json")
    said = current_app.json.loads(answer.get_data(as_text=True)) if is_json else {}
    return Told(status=answer.status_code, body=said if isinstance(said, dict) else {})


def _body(content: bytes | SealedSpool | None) -> dict[str, Any]:
    if isinstance(content, SealedSpool):
        # Read from where it lies: never whole in memory.
        return {"input_stream": content.reader(), "content_length": content.size}
    return {"data": content}


def _bounded(call: Callable[[], Response], within_s: float | None) -> Response:
    # Without a number pymongo sets no bound.
    with pymongo.timeout(within_s):
        return call()
