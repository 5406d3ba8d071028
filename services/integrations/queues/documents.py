"""One document for each queue that was asked for, and one that counts them; no credential and no event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.integrations import chosen_types
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

QUEUES, QUEUE_ROLL = "event_queues", "event_queue_roll"
NOT_MADE, FULL, BROKER_AWAY, AHEAD = "NOT_MADE", "FULL", "BROKER_AWAY", "AHEAD_OF_STORE"
WAITS = (NOT_MADE, FULL, BROKER_AWAY, AHEAD)


@dataclass(frozen=True, kw_only=True)
class EventQueue:
    """A queue that somebody asked for.

    Attributes:
        types: Event types that it gets; None for all.
        position: Everything that fits up to it was confirmed by the broker.
        skipped: Positions that were given up for their age before they were confirmed.
        waits_for: Why nothing goes into it now; None where it does, or would.
    """

    id: str
    types: tuple[str, ...] | None
    position: int
    skipped: int = 0
    waits_for: str | None = None
    updated_at: datetime
    version: int = 0


QUEUE = DocumentType(
    collection=QUEUES,
    fields=(
        chosen_types.KEPT,
        Field(name="position", holds=Holds.COUNT),
        Field(name="skipped", holds=Holds.COUNT),
        Field(name="waits_for", holds=Holds.CODE),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
)
COUNT = DocumentType(collection=QUEUE_ROLL, fields=(Field(name="ids", holds=Holds.ID),))
TYPES = (QUEUE, COUNT)


def queue_from(document: dict[str, Any]) -> EventQueue:
    """Read a queue."""
    return EventQueue(**QUEUE.values(document))


def put(work: UnitOfWork, queue: EventQueue) -> None:
    """Write a queue that this transaction read; what a newer version keeps beside it stays."""
    known = work.get(QUEUES, queue.id)
    work.replace(QUEUES, QUEUE.changed(known, **{one.name: getattr(queue, one.name) for one in QUEUE.fields}))
