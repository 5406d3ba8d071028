"""Fills the log up with random leaves, so that what outsiders see of its size tells of nobody's day.

Promise: a size that is shown to a witness is a multiple of 4,096 and greater than the one shown before, whether ten
things happened since, four thousand or none; a leaf that fills is told from an entry by its form, which no entry has.
Shown by tests/integration/audit/test_witnesses.py.
Limit: more than 4,095 leaves in one day show as one more multiple.
"""

import re
import secrets
from typing import Any

from pymongo.database import Database

from services.audit.tree.appending import extend
from services.audit.tree.documents import BATCHES, STRETCHES
from shared.outbox.unit_of_work import UnitOfWork
from shared.transparency.tree import leaf_hash

BLOCK = 4_096
_BATCH = "padding-"
_RANDOM_BYTES = 16
_PADDING = re.compile(rb'\{"padding":"[A-Za-z0-9_-]{22}"\}')


def padded_size(size: int, before: int) -> int:
    """Give the smallest multiple of 4,096 that is greater than ``before`` and holds ``size`` leaves."""
    return max(before // BLOCK + 1, -(-size // BLOCK)) * BLOCK


def is_padding(leaf: bytes) -> bool:
    """Whether a leaf only fills."""
    return _PADDING.fullmatch(leaf) is not None


def fill(work: UnitOfWork, count: int, *, name: str) -> None:
    """Append so many random leaves, under a name that is used once."""
    if count:
        leaves = [b'{"padding":"%s"}' % secrets.token_urlsafe(_RANDOM_BYTES).encode() for _ in range(count)]
        batch = f"{_BATCH}{name}"
        work.insert(BATCHES, {"_id": batch, "leaves": leaves})
        extend(work, [{"id": batch, "count": count}], [leaf_hash(leaf) for leaf in leaves])


def count_padding(database: Database[dict[str, Any]]) -> int:
    """Count the leaves that fill."""
    own = {"$regex": f"^{_BATCH}"}
    found = database[STRETCHES].find({"batches.id": own}, {"batches": 1})
    return sum(int(one["count"]) for at in found for one in at["batches"] if str(one["id"]).startswith(_BATCH))
