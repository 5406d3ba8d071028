"""Keeping up with a list: every change is seen, a page at a time, whatever is killed in between.

Shown by tests/unit/client/test_client_batches.py and tests/integration/case/test_nightly_sync.py.
"""

from collections.abc import Callable
from typing import Any

from .client import Client, again_from_of
from .errors import UnusableAnswerError

Take = Callable[[list[dict[str, Any]]], None]


def keep_up(client: Client, path: str, take: Take, *, since: str | None = None, **filters: Any) -> str:
    """Give each page of what changed to whoever takes it; return from when to ask the next time.

    Keep what is returned only once it is here: whoever was killed before asks from the same instant again. An item may
    come twice; replace what you have of the same id.

    Args:
        client: Reads the list.
        path: Of a list that knows ``updated_since``.
        take: Takes a page's items.
        since: What the last time returned; None the first time, which reads everything.
        filters: Of the list.

    Raises:
        UnusableAnswerError: The API says neither from when to ask again, nor when it answered.
    """
    again_from: str | None = None
    for page in client.pages(path, updated_since=since, **filters):
        # Of the first page: what changed before a later one was read may lie before it.
        again_from = again_from or again_from_of(page)
        take(page["items"])
    if again_from is None:
        raise UnusableAnswerError("What answered says nothing of when it was read, as this API does.")
    return again_from
