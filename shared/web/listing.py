"""One page of a list, read by an opaque cursor over (updated_at, _id); knows nothing of HTTP.

Promise: nothing that stays unchanged is shown twice or left out while somebody pages
(``tests/integration/shared/test_web.py``).
Nor does whoever synchronises miss anything (``tests/integration/shared/test_keeping_up.py``): ``updated_at`` is the
time at which a transaction began, so one that commits later falls behind a reader; each page therefore says from which
instant the reader asks the next time, which is ``OVERLAP`` before the first page of this reading was begun.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.collection import Collection

LIMIT = 50
MOST = 200

OVERLAP = timedelta(minutes=2)
"""No change becomes visible later than this after the time that it bears. The work of a transaction is cut after 10 s;
the database ends any that is 60 s old, and looks for such each 30 s; the rest is for clocks."""

Position = tuple[datetime, str]


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """Which part of a list is wanted.

    Attributes:
        limit: Entries, 1 to ``MOST``.
        after: Position of the last entry that the reader has.
        updated_since: Only what changed at or after this instant.
    """

    limit: int = LIMIT
    after: Position | None = None
    updated_since: datetime | None = None

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> "PageRequest":
        """Take the three parameters out of a loaded query."""
        return cls(limit=query["limit"], after=query["after"], updated_since=query["updated_since"])


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page.

    Attributes:
        next: Cursor of the following page, None at the end.
    """

    items: list[dict[str, Any]]
    next: str | None


def find_page(
    collection: Collection[dict[str, Any]],
    wanted: PageRequest,
    *,
    where: Mapping[str, Any],
    row: Callable[[dict[str, Any]], dict[str, Any]],
) -> Page:
    """Read a page, oldest change first.

    Args:
        collection: Of documents with ``updated_at``; wants an index on (updated_at, _id).
        wanted: Which part.
        where: What the list holds at all, such as the caller's own.
        row: Makes of a document what is shown.
    """
    clauses: list[Mapping[str, Any]] = [where] if where else []
    if wanted.updated_since is not None:
        clauses.append({"updated_at": {"$gte": wanted.updated_since}})
    if wanted.after is not None:
        at, last = wanted.after
        clauses.append({"$or": [{"updated_at": {"$gt": at}}, {"updated_at": at, "_id": {"$gt": last}}]})
    found = collection.find({"$and": clauses} if clauses else {})
    documents = list(found.sort([("updated_at", 1), ("_id", 1)]).limit(wanted.limit + 1))
    more = len(documents) > wanted.limit
    shown = documents[: wanted.limit]
    cursor = make_cursor(shown[-1]["updated_at"], shown[-1]["_id"]) if more else None
    return Page(items=[row(document) for document in shown], next=cursor)


def make_cursor(updated_at: datetime, last_id: str) -> str:
    """Give the cursor that stands behind an entry."""
    return base64.urlsafe_b64encode(f"{updated_at.isoformat()}|{last_id}".encode()).decode()
