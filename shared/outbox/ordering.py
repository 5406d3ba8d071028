"""Keeps the order of one aggregate's events for consumers that declare ``in_order``.

While one event of an aggregate is being retried or is parked, later ones wait here, in the consumer's own
database, bounded; they are handled in order in the transaction that settles the one they waited for. A
waiting event counts as not committed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from bson import Binary

from shared.contracts.registry import get_event
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.messages import Received
from shared.outbox.unit_of_work import UnitOfWork

HELD_LIMIT = 1_000


class TooManyHeldError(TemporarilyUnavailableError):
    """So many events of one aggregate wait that this one has to wait in the retry ladder."""

    code = "too-many-held"

    def __init__(self) -> None:
        """Say what stands in the way."""
        super().__init__(f"{HELD_LIMIT} later events of this aggregate wait for an earlier one.")


@dataclass(kw_only=True)
class Held:
    """Which aggregates of a batch are blocked, and from which sequence on."""

    source: str
    blocked: dict[str, dict[str, Any]] = field(default_factory=dict)
    freed: list[int] = field(default_factory=list)

    @classmethod
    def load(cls, work: UnitOfWork, source: str, batch: Sequence[Received]) -> "Held":
        """Read the blocks of the batch's aggregates in one round trip."""
        held = cls(source=source, freed=work.freed_numbers)
        keys = {f"{source}:{r.event.subject}": r.event.subject for r in batch}
        work.preload("blocked", keys)
        for key, subject in keys.items():
            block = work.find("blocked", key)
            if block is not None:
                held.blocked[subject] = block
        return held

    def must_wait(self, received: Received) -> bool:
        """Whether an earlier event of the same aggregate stands in the way of this one."""
        block = self.blocked.get(received.event.subject)
        if block is None or received.event_id in block["event_ids"]:
            return False
        return bool(min(block["sequences"]) < received.sequence)

    def keep(self, work: UnitOfWork, received: Received, body: bytes) -> None:
        """Let an event wait.

        Raises:
            TooManyHeldError: The aggregate's bound is reached.
        """
        block = self.blocked[received.event.subject]
        if block["waiting"] >= HELD_LIMIT:
            raise TooManyHeldError
        block = {**block, "waiting": block["waiting"] + 1}
        work.replace("blocked", block)
        self.blocked[received.event.subject] = {**block, "version": block["version"] + 1}
        work.insert(
            "held",
            {
                "_id": received.event_id,
                "key": block["_id"],
                "sequence": received.sequence,
                "stream_n": received.stream_n,
                "type": received.event.event_type,
                "recorded_at": received.recorded_at,
                "traceparent": received.traceparent,
                "body": Binary(body),
            },
        )


def hold_back(work: UnitOfWork, source: str, failed: Received) -> None:
    """Note that this event is being retried or parked, so that later ones of its aggregate wait."""
    key = f"{source}:{failed.event.subject}"
    block = work.find("blocked", key)
    if block is None:
        work.insert(
            "blocked",
            {"_id": key, "event_ids": [failed.event_id], "sequences": [failed.sequence], "waiting": 0},
        )
    elif failed.event_id not in block["event_ids"]:
        block["event_ids"].append(failed.event_id)
        block["sequences"].append(failed.sequence)
        work.replace("blocked", block)


def released_by(work: UnitOfWork, source: str, settled: Received, held: Held) -> list[Received]:
    """Give, in order, the events that waited for the one just settled, and forget the block."""
    subject = settled.event.subject
    block = held.blocked.get(subject)
    if block is None or settled.event_id not in block["event_ids"]:
        return []
    position = block["event_ids"].index(settled.event_id)
    ids = [i for n, i in enumerate(block["event_ids"]) if n != position]
    sequences = [s for n, s in enumerate(block["sequences"]) if n != position]
    if ids:
        work.replace("blocked", {**block, "event_ids": ids, "sequences": sequences})
        held.blocked[subject] = {
            **block,
            "event_ids": ids,
            "sequences": sequences,
            "version": block["version"] + 1,
        }
    else:
        work.delete("blocked", f"{source}:{subject}")
        del held.blocked[subject]
    waiting = work.find_where("held", {"key": f"{source}:{subject}"}, sort=[("sequence", 1)])
    limit = min(sequences) if sequences else None
    free = [row for row in waiting if limit is None or row["sequence"] < limit]
    for row in free:
        work.delete("held", row["_id"])
    return [_received(row) for row in free]


def _received(row: Mapping[str, Any]) -> Received:
    return Received(
        event=msgspec.json.decode(bytes(row["body"]), type=get_event(row["type"])),
        event_id=row["_id"],
        sequence=row["sequence"],
        stream_n=row["stream_n"],
        recorded_at=row["recorded_at"],
        sender=row["tenant_id"],
        traceparent=row["traceparent"],
    )
