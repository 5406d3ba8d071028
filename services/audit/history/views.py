"""Reads the entries newest first, by filters that all must fit.

Promise: whoever pages on misses nothing that was there when they began, and meets nothing twice.
Shown by tests/integration/audit/test_audit_history.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.audit.history.rules import LOOKED, LOOKS, REFUSED, kind_of
from services.audit.log.documents import ENTRIES
from services.audit.log.views import entry_row
from shared.web.listing import LIMIT, MOST, Position, make_cursor

MOST_EXPORTED = 10_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries.

    Attributes:
        kind: One of ``rules.KINDS``, or all.
        since: Done at or after this.
        until: Done before this.
        after: Position of the last entry that the reader has.
    """

    object_id: str | None = None
    actor_id: str | None = None
    service: str | None = None
    action: str | None = None
    role: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = LIMIT
    after: Position | None = None


class HistoryViews:
    """Reads of audit's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._entries = database[ENTRIES]

    def page(self, wanted: Wanted) -> dict[str, Any]:
        """Give a page, newest first, and the cursor of the next one."""
        found = list(self._entries.find(_query(wanted)).sort([("updated_at", -1), ("_id", -1)]).limit(wanted.limit + 1))
        shown = found[: wanted.limit]
        more = make_cursor(shown[-1]["updated_at"], shown[-1]["_id"]) if len(found) > len(shown) else None
        return {"items": [_row(document) for document in shown], "next": more}

    def rows(self, wanted: Wanted) -> Iterator[dict[str, Any]]:
        """Give all rows, newest first, ``MOST_EXPORTED`` at most."""
        wanted = replace(wanted, limit=MOST)
        given = 0
        while True:
            found = list(self._entries.find(_query(wanted)).sort([("updated_at", -1), ("_id", -1)]).limit(MOST))
            for document in found[: MOST_EXPORTED - given]:
                yield _row(document)
            given += len(found)
            if len(found) < MOST or given >= MOST_EXPORTED:
                return
            wanted = replace(wanted, after=(found[-1]["updated_at"], found[-1]["_id"]))


def _query(wanted: Wanted) -> dict[str, Any]:
    clauses: list[Mapping[str, Any]] = [
        {name: value}
        for name in ("object_id", "actor_id", "service", "action", "role")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.kind is not None:
        clauses.append(_of_kind(wanted.kind))
    if wanted.since is not None:
        clauses.append({"at": {"$gte": wanted.since}})
    if wanted.until is not None:
        clauses.append({"at": {"$lt": wanted.until}})
    if wanted.after is not None:
        at, last = wanted.after
        clauses.append({"$or": [{"updated_at": {"$lt": at}}, {"updated_at": at, "_id": {"$lt": last}}]})
    return {"$and": clauses} if clauses else {}


def _of_kind(kind: str) -> Mapping[str, Any]:
    if kind == REFUSED:
        return {"outcome": REFUSED}
    looks = LOOKS if kind == LOOKED else {"$not": LOOKS}
    return {"outcome": {"$ne": REFUSED}, "action": looks}


def _row(document: dict[str, Any]) -> dict[str, Any]:
    row = entry_row(document)
    return {**row, "kind": kind_of(row["action"], row["outcome"])}
