"""Brings entries into the log that were kept without leaves: those of before there was a tree, or by an older version.

Promise: each such entry gets its salts, its leaf and its place once, whatever is killed in between.
Shown by tests/integration/audit/test_sequencer.py.
"""

from datetime import UTC, datetime
from typing import Any

from services.audit.log.documents import ENTRIES, ENTRY
from services.audit.log.leaves import draw_salts, salted_leaf
from services.audit.tree.appending import AT_ONCE
from services.audit.tree.documents import HEAD, HEAD_TYPE, HEADS
from services.audit.tree.keeping import keep_batch
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.listing import OVERLAP

AT_A_TIME = 100
MOST_STEPS = 200
"""Of one run; the next goes on."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def sweep(context: ServiceContext) -> int:
    """Give leaves to entries that have none; give how many were found."""
    found = 0
    for _ in range(MOST_STEPS):
        step = context.committer.execute(Command(run=sweep_some, aggregates=AT_ONCE)).ids["found"]
        found += step
        if step == 0:
            break
    return found


def sweep_some(work: UnitOfWork) -> Answer:
    """Look on from where the last step ended; where nothing is found any more, note until when that was looked for."""
    head = work.find(HEADS, HEAD) or {"_id": HEAD}
    since = head.get("swept_to") or _LONG_AGO
    where = {"updated_at": {"$gte": since}, "actor_salt": None}
    found = work.find_where(ENTRIES, where, sort=[("updated_at", 1), ("_id", 1)], limit=AT_A_TIME)
    for batch_id in dict.fromkeys(_batch_of(one) for one in found):
        # All of a batch, also where the limit cut through it.
        whole = {"_id": {"$gte": f"{batch_id}-", "$lt": f"{batch_id}."}}
        _give_leaves(work, batch_id, work.find_where(ENTRIES, whole, sort=[("_id", 1)]))
    # Whatever an older version is still writing bears a time that lies no further back than this.
    swept_to = found[-1]["updated_at"] if found else work.now - OVERLAP
    if swept_to > since:
        work.save(HEADS, HEAD_TYPE.changed(head, swept_to=swept_to))
    return Answer(status=200, ids={"found": len(found)})


def _give_leaves(work: UnitOfWork, batch_id: str, entries: list[dict[str, Any]]) -> None:
    salts = draw_salts(2 * len(entries))
    leaves = []
    for n, document in enumerate(entries):
        actor_salt, object_salt = salts[2 * n], salts[2 * n + 1]
        leaves.append(salted_leaf(ENTRY.values(document), actor_salt, object_salt))
        work.replace(ENTRIES, ENTRY.changed(document, actor_salt=actor_salt, object_salt=object_salt))
    keep_batch(work, batch_id, leaves)


def _batch_of(entry: dict[str, Any]) -> str:
    return str(entry["_id"]).rpartition("-")[0]
