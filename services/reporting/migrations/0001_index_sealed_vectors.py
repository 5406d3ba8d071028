"""The newest sealed vector is asked for by time; a pilot of several years should not read them all for it."""

from typing import Any

from pymongo.database import Database

from shared.runtime.migrations import Phase

PHASE = Phase.EXPAND


def step(database: Database[dict[str, Any]], after: object) -> None:
    """Make the index; one that is there already stays."""
    del after
    database["vectors"].create_index([("sealed_at", -1)])
