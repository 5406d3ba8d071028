"""How far others saw the log, for staff and for whoever verifies it."""

from datetime import datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from services.audit.witnesses.documents import COSIGNATURES, DAYS, WITNESSES


class WitnessViews:
    """Reads of one host's witnesses."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take audit's database."""
        self._database = database

    def witnesses(self, now: datetime) -> dict[str, Any]:
        """Give how each witness stands, with the checkpoints that they confirmed last, cosigned."""
        rows = list(self._database[WITNESSES].find().sort("_id", 1))
        newest = {row["_id"]: self._newest(row["_id"]) for row in rows}
        sizes = sorted({one["size"] for one in newest.values() if one is not None}, reverse=True)
        return {
            "items": [_row(row, newest[row["_id"]], now) for row in rows],
            "checkpoints": [self._cosigned(size) for size in sizes],
        }

    def _newest(self, witness: str) -> dict[str, Any] | None:
        order = [("size", DESCENDING), ("seen_at", DESCENDING)]
        return self._database[COSIGNATURES].find_one({"witness": witness}, sort=order)

    def _cosigned(self, size: int) -> str:
        """Give a checkpoint with the newest cosignature of each witness that confirmed it."""
        day = self._database[DAYS].find_one({"size": size}) or {"note": ""}
        lines = {
            one["key"]: one["line"] for one in self._database[COSIGNATURES].find({"size": size}).sort("seen_at", 1)
        }
        return str(day["note"]) + "".join(line for _, line in sorted(lines.items()))


def count_late(witnesses: Collection[dict[str, Any]], now: datetime) -> int:
    """Count the witnesses that should have answered, or that refuse."""
    return witnesses.count_documents({"due_at": {"$lte": now}})


def _row(row: dict[str, Any], newest: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    return {
        "witness": row["_id"],
        "size": row["size"],
        "seen_at": row["seen_at"],
        "outcome": row["outcome"],
        "is_late": row["due_at"] <= now,
        "key": newest["key"] if newest is not None else None,
    }
