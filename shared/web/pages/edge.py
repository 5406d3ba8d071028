"""Where a page joins what one service shows with what another one does: it asks that service's API, as the reader.

Promise: the answer is what the API gives to whoever is signed in, under their own rights and with its own audit; who
has no right there sees nothing of it, and the page is shown without. Shown by
tests/integration/pages/test_survivor_pages.py.
Limit: a process that serves one service alone has no other one to ask, so its pages show what their own service knows.
"""

from collections.abc import Callable, Mapping
from contextvars import Context
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


def ask(path: str, *, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None) -> Any | None:
    """Ask the API of this process as whoever is signed in; None where it refuses, or the service is not here.

    Args:
        path: Such as ``/v1/advocates``.
        body: Makes it a POST.
        query: Parameters of a GET.
    """
    sessions: Sessions = current_app.extensions[EXTENSION]
    headers = {
        "Authorization": f"Bearer {sessions.token(request) or ''}",
        "Accept": "application/json",
        "Idempotency-Key": new_id(),
    }
    if "traceparent" in g:
        headers["traceparent"] = g.traceparent
    builder = EnvironBuilder(
        path=path,
        method="GET" if body is None else "POST",
        query_string=query,
        json=body,
        headers=Headers(headers),
    )
    # In a context of its own: within this one Flask would let both requests share one ``g``.
    call = partial(Response.from_app, current_app.wsgi_app, builder.get_environ(), buffered=True)
    try:
        answer = Context().run(_within, call)
    finally:
        builder.close()
    if answer.status_code != HTTPStatus.OK:
        return None
    return current_app.json.loads(answer.get_data(as_text=True))


def _within(call: Callable[[], Response]) -> Response:
    with pymongo.timeout(READS_WITHIN_S):
        return call()
