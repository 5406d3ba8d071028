"""The board's tasks with their state."""

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from services.board.tasks.documents import TASK, TASKS


class TaskViews:
    """Reads from the board's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._tasks = database[TASKS]

    def tasks(self) -> list[dict[str, Any]]:
        """Give all tasks, by their seal."""
        return [_task_row(document) for document in self._tasks.find().sort("seal_at", 1)]


def _task_row(document: Mapping[str, Any]) -> dict[str, Any]:
    row = TASK.row(TASK.values(document))
    del row["version"]
    return row
