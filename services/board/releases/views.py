"""What is released, its tables in words, and what waits for those who sign."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.database import Database

from services.board.releases.documents import RELEASES
from services.board.releases.rules import DRAFT, PUBLISHED, TOMBSTONE
from services.board.tasks.documents import TASKS
from services.board.tasks.task import PROTECTED
from shared.codelists.plan import NOT_PUBLISHED_SENTENCE, load_plan
from shared.kernel.errors import NotFoundError

TOMBSTONE_SENTENCE = "This table was taken out as a whole, by order. A withdrawal never changes a published figure."


class NoReleaseError(NotFoundError):
    """There is no such release or table."""


class ReleaseViews:
    """Reads from the board's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database

    def releases(self) -> list[dict[str, Any]]:
        """Give all published releases, newest first."""
        found = self._database[RELEASES].find({"state": PUBLISHED}).sort("published_at", -1)
        return [release_row(document) for document in found]

    def drafts(self) -> list[dict[str, Any]]:
        """Give what waits for approval, for those who sign only."""
        found = self._database[RELEASES].find({"state": DRAFT}).sort("drafted_at", 1)
        return [
            {**release_row(d), "lapses_at": d["lapses_at"], "delayed_until": (d.get("delay") or {}).get("until")}
            for d in found
        ]

    def protected(self, task_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Give the protected tables of tasks that nobody has signed yet, for those who sign only."""
        found = self._database[TASKS].find({"_id": {"$in": list(task_ids)}, "state": PROTECTED})
        return {
            task["_id"]: release_row(
                {
                    **task["result"],
                    **{name: task[name] for name in ("period", "covers", "plan_id", "seal_at")},
                    "_id": task["_id"],
                    "task_id": task["_id"],
                    "roster_size": len(task["roster"]),
                    "received_at": task["closes_at"],
                    "published_at": None,
                    "digest": None,
                    "revisions": [],
                }
            )
            for task in found
        }

    def release(self, release_id: str) -> dict[str, Any]:
        """Give one published release; ``NoReleaseError`` if there is none."""
        document = self._database[RELEASES].find_one({"_id": release_id, "state": PUBLISHED})
        if document is None:
            raise NoReleaseError
        return release_row(document)

    def table(self, release_id: str, table_id: str) -> dict[str, Any]:
        """Give one table of a release; ``NoReleaseError`` if there is none."""
        for table in self.release(release_id)["tables"]:
            if table["table"] == table_id:
                return dict(table)
        raise NoReleaseError


def _note(status: str, *, published: bool) -> str | None:
    if published:
        return None
    return TOMBSTONE_SENTENCE if status == TOMBSTONE else NOT_PUBLISHED_SENTENCE


def release_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a release as API, CLI and page show it; the same figures everywhere."""
    plan = load_plan(document["plan_id"])
    shown = {t["table"]: t for t in document["tables"]}
    tables = []
    for table in plan.tables:
        stored = shown[table.id]
        published = stored["level"] > 0
        level = table.levels[stored["level"] - 1] if published else table.levels[0]
        cells = [
            {
                "category": c.code,
                "label": c.label,
                "value": stored["cells"][c.code] if published else None,
                "status": "" if published else "c",
            }
            for c in level.categories
        ]
        tables.append(
            {
                "table": table.id,
                "title": table.title,
                "status": stored["status"],
                "level": stored["level"],
                "level_title": level.title,
                "total": document["people"] if published else None,
                "cells": cells if published else [],
                "note": _note(stored["status"], published=published),
            }
        )
    return {
        "id": document["_id"],
        "task_id": document["task_id"],
        "period": document["period"],
        "plan": document["plan_id"],
        "published_at": document["published_at"],
        "people": document["people"],
        "hosts": document["hosts"],
        "roster": document["roster_size"],
        "covers": document["covers"],
        "seal_at": document["seal_at"],
        "received_at": document["received_at"],
        "digest": document["digest"],
        "signature": document.get("signature"),
        "signing_key": document.get("signing_key"),
        "revisions": [{name: r[name] for name in ("at", "table", "reason")} for r in document["revisions"]],
        "tables": tables,
    }
