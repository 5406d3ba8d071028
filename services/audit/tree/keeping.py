"""Keeps a batch's leaves in the transaction that heard it, and notes that they wait for their place in the log."""

from collections.abc import Sequence
from datetime import timedelta

from services.audit.tree.documents import BATCHES, WAITING
from shared.outbox.unit_of_work import UnitOfWork

SOON = timedelta(minutes=10)
"""What waits longer for its place, or for a signature, is overdue, which doctor says."""


def keep_batch(work: UnitOfWork, batch_id: str, leaves: Sequence[bytes]) -> None:
    """Keep the leaves of a batch that is heard for the first time; a batch of nothing needs no place."""
    if leaves:
        work.insert(BATCHES, {"_id": batch_id, "leaves": list(leaves)})
        work.insert(WAITING, {"_id": batch_id, "count": len(leaves), "due_at": work.now + SOON})
