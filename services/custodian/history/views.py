"""What the gate sets a release against: everything sent so far, and the tables of the public."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from pymongo.collection import Collection

from services.custodian.gate.release import GateRelease, PublicTable
from services.custodian.history.documents import RELEASE, RELEASES, SentRelease
from services.custodian.history.errors import PUBLIC_TABLES_FILE, MissingTaskError, PublicTablesError
from services.custodian.tasks.documents import TASKS
from shared.contracts.task import terms_from

Collections = Callable[[str], Collection[dict[str, Any]]]


def history_of(collection: Collections) -> tuple[GateRelease, ...]:
    """Read every release sent so far, oldest first.

    Raises:
        UnknownPlanError, PlanRefusedError: An old task's plan is not in this version; its history cannot be read.
        MissingTaskError: A release's terms are gone.
    """
    found = []
    for document in collection(RELEASES).find().sort([("period", 1), ("_id", 1)]):
        release = SentRelease(**RELEASE.values(document))
        draft = terms_from(release.terms or _terms_of_task(collection, release.id)).draft
        found.append(
            GateRelease(
                plan=draft.plan(),
                period=draft.period,
                covers=draft.covers,
                hosts=release.hosts,
                people=release.people,
                tables=release.tables,
            )
        )
    return tuple(found)


def _terms_of_task(collection: Collections, task_id: str) -> dict[str, Any]:
    task = collection(TASKS).find_one({"_id": task_id})
    if task is None:
        raise MissingTaskError(task_id)
    terms: dict[str, Any] = task["terms"]
    return terms


def read_public_tables(folder: Path) -> tuple[PublicTable, ...]:
    """Read the public tables that attackers are taken to know; none if there is no file.

    Raises:
        PublicTablesError: There is a file, and it cannot be used.
    """
    file = folder / PUBLIC_TABLES_FILE
    if not file.exists():
        return ()
    try:
        return tuple(msgspec.convert(one, PublicTable) for one in json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, msgspec.ValidationError) as error:
        raise PublicTablesError(type(error).__name__) from error
