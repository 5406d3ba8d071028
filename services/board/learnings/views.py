"""The key learnings as they are shown."""

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from services.board.learnings.documents import LEARNING, LEARNINGS


class LearningViews:
    """Reads from the board's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._learnings = database[LEARNINGS]

    def learnings(self, *, approved: bool) -> list[dict[str, Any]]:
        """Give the key learnings that two people signed, or those that wait for the second; newest first."""
        found = self._learnings.find({"approved_by": {"$ne": None} if approved else None}).sort("at", -1)
        return [_learning_row(document) for document in found]


def _learning_row(document: Mapping[str, Any]) -> dict[str, Any]:
    row = LEARNING.row(LEARNING.values(document))
    del row["version"]
    return row
