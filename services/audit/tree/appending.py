"""The sequencer: gives the leaves that wait their places in the log, and grows the tree by them.

Promise: one order, no gap and none twice, whoever is killed at whatever step and however many try at once: places,
tiles and the head are written in one transaction, and every such transaction writes the head. Batches are taken in the
order in which their services committed them, as far as they were heard. What was appended gives the same root as a tree
built anew from the kept leaves. Shown by tests/integration/audit/test_sequencer.py.
"""

from typing import Any

from services.audit.tree.documents import BATCHES, HEAD, HEAD_TYPE, HEADS, STRETCHES, TILE, TILES, WAITING
from services.audit.tree.keeping import SOON
from shared.kernel.errors import RuleViolationError
from shared.outbox.commands import Answer, Command
from shared.outbox.documents import Document
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.transparency.tiles import grow
from shared.transparency.tree import leaf_hash

MOST_BATCHES = 500
MOST_LEAVES = 2_000
"""Of one transaction; a greater batch has one to itself."""
AT_ONCE = frozenset({"audit-log"})


class LeavesMissingError(RuleViolationError):
    """Leaves that wait for their place are not there, not what was kept, or have a place already."""

    code = "audit-leaves-missing"

    def __init__(self, batch_ids: list[str]) -> None:
        """Name the first batch."""
        super().__init__(
            f"The leaves of {len(batch_ids)} batches that wait for their place in the audit log are not as they were "
            f"kept, or have a place already; the first is {batch_ids[0]}. Somebody changed the database of audit. All "
            "others were appended. Keep a copy of that database, and look into who had access to it."
        )


def append_waiting(context: ServiceContext) -> int:
    """Append everything that waits; give how many leaves.

    Raises:
        LeavesMissingError: Some were altered; all others were appended before it is raised.
        TileDamagedError: The tree itself was altered, so nothing can follow it.
    """
    database = context.client[context.database_name]
    if database[WAITING].find_one({}, {"_id": 1}) is None:
        return 0
    appended = 0
    damaged = [""]
    while True:
        last = damaged[-1]

        def run(work: UnitOfWork, last: str = last) -> Answer:
            return append_some(work, after=last)

        answer = context.committer.execute(Command(run=run, aggregates=AT_ONCE)).ids
        appended += int(answer["appended"])
        damaged += answer["damaged"]
        if not answer["left"]:
            break
    if damaged[1:]:
        raise LeavesMissingError(damaged[1:])
    return appended


def append_some(work: UnitOfWork, *, after: str = "") -> Answer:
    """Append one stretch of what waits behind a batch that cannot be appended.

    Returns:
        ``appended`` leaves, ids of ``damaged`` batches, and whether anything may be ``left``.
    """
    waiting = work.find_where(WAITING, {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=MOST_BATCHES)
    taken: list[dict[str, Any]] = []
    damaged: list[str] = []
    leaves: list[bytes] = []
    ids = [one["_id"] for one in waiting]
    work.preload(BATCHES, ids)
    placed = {one["id"] for at in work.find_where(STRETCHES, {"batches.id": {"$in": ids}}) for one in at["batches"]}
    for one in waiting:
        found = _leaves_of(work, one)
        if found is None or one["_id"] in placed:
            damaged.append(one["_id"])
            continue
        if taken and len(leaves) + len(found) > MOST_LEAVES:
            break
        taken.append({"id": one["_id"], "count": len(found)})
        leaves += [leaf_hash(leaf) for leaf in found]
        work.delete(WAITING, one["_id"])
    if taken:
        extend(work, taken, leaves)
    left = len(taken) + len(damaged) < len(waiting) or len(waiting) == MOST_BATCHES
    return Answer(status=200, ids={"appended": len(leaves), "damaged": damaged, "left": left})


def _leaves_of(work: UnitOfWork, waits: Document) -> list[bytes] | None:
    """Give a batch's leaves; nothing where they are not what was kept, so that the others need not wait for them."""
    found = (work.find(BATCHES, waits["_id"]) or {}).get("leaves")
    is_sound = (
        isinstance(found, list) and len(found) == waits.get("count") and all(isinstance(one, bytes) for one in found)
    )
    return found if is_sound else None


def extend(work: UnitOfWork, batches: list[dict[str, Any]], leaves: list[bytes]) -> None:
    """Give the leaves of these batches, by their hashes, the next places, and grow the tree by them."""
    head = work.find(HEADS, HEAD) or {"_id": HEAD}
    size = int(head.get("size", 0))

    def load(level: int, index: int) -> bytes:
        return bytes((work.find(TILES, tile_id(level, index)) or {"hashes": b""})["hashes"])

    for (level, index), hashes in grow(size, leaves, load).items():
        work.save(TILES, TILE.changed({"_id": tile_id(level, index)}, hashes=hashes))
    work.insert(STRETCHES, {"_id": f"{size:015d}", "first": size, "batches": batches})
    # Of a clock that was ahead nothing may stay: the log would be called signed until then.
    due_at = min(head.get("due_at") or work.now + SOON, work.now + SOON)
    work.save(HEADS, HEAD_TYPE.changed(head, size=size + len(leaves), due_at=due_at))


def tile_id(level: int, index: int) -> str:
    """Give a tile's id."""
    return f"{level}/{index}"
