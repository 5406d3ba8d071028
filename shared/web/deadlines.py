"""How long a request may hold a thread: all its reads end in time, but for a wait that the caller asked for.

Shown by tests/unit/shared/web/test_web_deadlines.py.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import pymongo
from flask import g, request

READ_WITHIN_S = 6.5
"""Seconds for all reads of one request; with its command no caller waits more than ten (``shared.web.gateway``)."""
WAITING_SINCE = "alongside.waiting_since"
"""In a request that a page makes: when its reader began to wait, in monotonic seconds. No header can say it."""

T = TypeVar("T")


def begin_deadline() -> None:
    """Bound every read from now on: a silent database must hold neither the caller nor a thread."""
    g.began = time.monotonic()
    g.waiting_since = request.environ.get(WAITING_SINCE, g.began)
    g.deadline = pymongo.timeout(READ_WITHIN_S)
    g.deadline.__enter__()


def end_deadline(_error: BaseException | None = None) -> None:
    """Lift the bound."""
    deadline = g.pop("deadline", None)
    if deadline is not None:
        deadline.__exit__(None, None, None)


def waited_s() -> float:
    """Give the seconds that whoever is served has waited so far."""
    since = g.get("waiting_since")
    return time.monotonic() - since if since is not None else 0.0


def wait_outside(wait: Callable[[], T]) -> T:
    """Wait as long as the caller asked, without the request's bound, and begin the bound anew afterwards.

    Whoever waits bounds each of its own reads. The wait does not count as the request's duration.
    """
    end_deadline()
    try:
        return wait()
    finally:
        begin_deadline()
