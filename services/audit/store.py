"""The entries, one document each; the service's database user may insert and find here, nothing else."""

from datetime import datetime
from typing import Any

from pymongo import IndexModel

from shared.contracts.marks import AuditedAction
from shared.kernel.ids import event_id_us
from shared.outbox.unit_of_work import UnitOfWork

ENTRIES = "entries"
COLLECTIONS = (ENTRIES,)
APPEND_ONLY = (ENTRIES,)
INDEXES: dict[str, list[IndexModel]] = {
    ENTRIES: [
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("object_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("actor_id", 1), ("updated_at", 1), ("_id", 1)]),
    ]
}


def append(
    work: UnitOfWork, *, service: str, batch_id: str, position: int, action: AuditedAction, recorded_at: datetime
) -> None:
    """Add one entry; its id is the batch's and its place in it, so a repeat is the same entry."""
    work.insert(
        ENTRIES,
        {
            "_id": f"{batch_id}-{position:04d}",
            "service": service,
            "action": action.action,
            "actor_id": action.actor_id,
            "role": action.role,
            "object_id": action.object_id,
            "outcome": action.outcome,
            "at": action.at,
            "count": action.count,
            "recorded_at": recorded_at,
            "order": event_id_us(batch_id),
            # When it came here: what comes late, after the broker was away, comes after what a reader has.
            "updated_at": work.now,
        },
    )


def entry_row(document: dict[str, Any]) -> dict[str, Any]:
    """Give an entry as the API shows it."""
    names = ("service", "action", "actor_id", "role", "object_id", "outcome", "at")
    counted = {"count": document["count"]} if document.get("count") is not None else {}
    return {"id": document["_id"], **{name: document[name] for name in names}, **counted}
