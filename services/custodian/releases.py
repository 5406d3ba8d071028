"""What the custodian sent to be shown: rounded figures only, kept for good as the gate's history.

The custodian keeps its own, so that a board cannot shorten the history by forgetting a release.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from pymongo.collection import Collection

from services.custodian.gate.release import GateRelease, PublicTable
from services.custodian.store import RELEASES, TASKS, terms_of
from shared.contracts.custodian import ProtectedTable, TablesProtected
from shared.contracts.task import TaskTerms, terms_to
from shared.kernel.errors import AlongsideError

Collections = Callable[[str], Collection[dict[str, Any]]]

PUBLIC_TABLES_FILE = "public_tables.json"


class PublicTablesError(AlongsideError):
    """The file of public tables cannot be read; nothing is opened until it can."""

    code = "public-tables"

    def __init__(self, why: str) -> None:
        """Name the file and the fault's place."""
        super().__init__(
            f"{PUBLIC_TABLES_FILE} in the custodian's data folder cannot be used: {why}. It is a JSON list of "
            "{period, table, counts: {level-1 category: people}, covers: false}. Correct it, or remove it so that "
            "attackers are played without public shares."
        )


class MissingTaskError(AlongsideError):
    """A release's task is gone, so nobody can say what its figures count; nothing is opened."""

    code = "missing-task"

    def __init__(self, task_id: str) -> None:
        """Name the task."""
        super().__init__(
            f"Task {task_id} was released but its terms are missing from the custodian's database. Restore the "
            "collection tasks from the newest copy; without it a new release cannot be set against this one."
        )


def release_to(terms: TaskTerms, sent: TablesProtected) -> dict[str, Any]:
    """Give the document of what was sent for a task."""
    return {
        "_id": sent.task_id,
        "period": terms.draft.period,
        # Its own copy, so that a lost task takes no release out of the history that later ones are set against.
        "terms": terms_to(terms),
        "hosts": sent.hosts,
        "people": sent.people,
        "tables": msgspec.to_builtins(sent.tables),
    }


def history_of(collection: Collections) -> tuple[GateRelease, ...]:
    """Read every release sent so far, oldest first.

    Raises:
        UnknownPlanError, PlanRefusedError: An old task's plan is not in this version; its history cannot be read.
    """
    found = []
    for document in collection(RELEASES).find().sort([("period", 1), ("_id", 1)]):
        # A release of an earlier version has no terms of its own.
        task = document if "terms" in document else collection(TASKS).find_one({"_id": document["_id"]})
        if task is None:
            raise MissingTaskError(document["_id"])
        draft = terms_of(task).draft
        found.append(
            GateRelease(
                plan=draft.plan(),
                period=draft.period,
                covers=draft.covers,
                hosts=document["hosts"],
                people=document["people"],
                tables=tuple(msgspec.convert(table, ProtectedTable) for table in document["tables"]),
            )
        )
    return tuple(found)


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
