"""A draft that the custodian refused frees its period: one task a period, but any number of refused drafts."""

from typing import Any

from pymongo.database import Database

from services.board.tasks.documents import TASK, TASKS
from shared.runtime.migrations import Phase

PHASE = Phase.EXPAND
_BEFORE = "period_1"


def step(database: Database[dict[str, Any]], after: object) -> None:
    """Make the new index, then drop the old one; either may be done already."""
    del after
    database[TASKS].create_indexes(list(TASK.indexes))
    if _BEFORE in database[TASKS].index_information():
        database[TASKS].drop_index(_BEFORE)
