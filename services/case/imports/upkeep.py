"""What has to be thought of beside the imports that wait: plans that expire, and a planned no that nobody commits.

Promise: a plan that was not committed within a day and has a refusal or a withdrawal in it becomes a task for the data
lead, once; a plan is gone after 14 days, and what an undo would need after one. Shown by
``tests/integration/case/test_import_upkeep.py``.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.case.data_tasks.documents import DataTaskStore
from services.case.data_tasks.rules import NO_NOT_HEARD
from services.case.imports.documents import CHANGES, IMPORTS, ImportStore
from services.case.imports.rules.progress import BUSY, EXPIRED, NO_UNHEARD, PLANNED, Import
from services.case.strongroom.documents import strongroom_of
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

EVERY_S = 30.0
_TASKS = uuid.UUID("83a7f0f0-6c1e-4a53-9f3e-6b2c9e4d1a77")
_AT_ONCE = 100
_GRACE = timedelta(hours=1)


class Upkeep:
    """Looks after one host's imports."""

    def __init__(self, context: ServiceContext) -> None:
        """Take the case service's context."""
        self._context = context
        self._database = context.client[context.database_name]
        self._strongroom = strongroom_of(context)
        self._next = 0.0

    def run(self) -> None:
        """Look at everything, but not more often than every half minute."""
        if time.monotonic() < self._next:
            return
        self.look()
        self._next = time.monotonic() + EVERY_S

    def look(self) -> None:
        """Expire, remind, forget and sweep; each is done again where a kill came in between."""
        now = self._context.clock.now()
        imports = self._database[IMPORTS]
        for found in imports.find({"expires_at": {"$lte": now}, "state": {"$nin": list(BUSY)}}, {"_id": 1}).limit(
            _AT_ONCE
        ):
            self._expire(found["_id"])
        waiting = {
            "state": PLANNED,
            "noes": {"$gt": 0},
            "reminded": {"$ne": True},
            "planned_at": {"$lte": now - NO_UNHEARD},
        }
        for found in imports.find(waiting, {"_id": 1}).limit(_AT_ONCE):
            self._remind(found["_id"])
        self._forget_changes(now)
        need_file = {"state": {"$in": [*BUSY, PLANNED]}}
        claimed = list(imports.find({"$or": [need_file, {"expires_at": {"$gt": now}}]}, {"state": 1}))
        self._strongroom.sweep(
            [one["_id"] for one in claimed],
            [one["_id"] for one in claimed if one["state"] in {*BUSY, PLANNED}],
        )
        self._strongroom.make_keys_ready()

    def _expire(self, import_id: str) -> None:
        def expired(one: Import, work: UnitOfWork) -> Import:
            if one.state == PLANNED:
                one = one.ended(EXPIRED, None, at=work.now)
            return replace(one, expires_at=None, plan_hash=None)

        if self._change(import_id, expired):
            self._strongroom.remove(import_id)

    def _remind(self, import_id: str) -> None:
        def reminded(one: Import, work: UnitOfWork) -> Import:
            if one.state == PLANNED and not one.reminded:
                DataTaskStore(work).open(str(uuid.uuid5(_TASKS, one.id)), NO_NOT_HEARD, import_id=one.id)
            return replace(one, reminded=True)

        self._change(import_id, reminded)

    def _forget_changes(self, now: Any) -> None:
        # Asked of what is still kept: a host with many imports, or a job that slept for weeks, leaves nothing behind.
        kept = self._database[CHANGES].distinct("import_id")
        # An undo that was asked for in time may still be on its way.
        over = {"_id": {"$in": kept}, "undo_until": {"$lte": now - _GRACE}, "state": {"$nin": list(BUSY)}}
        for found in self._database[IMPORTS].find(over, {"_id": 1}).limit(_AT_ONCE):
            self._database[CHANGES].delete_many({"import_id": found["_id"]})

    def _change(self, import_id: str, change: Callable[[Import, UnitOfWork], Import]) -> bool:
        changed: list[bool] = []

        def save(work: UnitOfWork) -> Answer:
            store = ImportStore(work)
            before = store.get(import_id)
            # Somebody may have asked to commit it in this moment: then it goes on.
            changed[:] = [before.state not in BUSY]
            if changed[0]:
                store.save(change(before, work))
            return Answer(status=200)

        self._context.committer.execute(Command(run=save, aggregates=frozenset({import_id})))
        return changed[0]
