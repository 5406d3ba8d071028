"""The one opening of a task: in the memory of this job, protected, and forgotten.

Promise: the sum is opened from the stored bytes of the one recorded opening; what leaves is rounded; the
keys are destroyed right after, so a restart before that gives the same tables, after it nothing opens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo.collection import Collection

from services.custodian.domain.opening import open_cohort
from services.custodian.domain.protection import ProtectedRelease, protect
from services.custodian.handlers import KeysOf, end_task, expansion_of
from services.custodian.store import ENDED, SEEDS, SUMMED, TASKS
from shared.codelists.plan import load_plan
from shared.contracts.custodian import OpeningRefused, TablesProtected
from shared.contracts.vector import VectorLayout
from shared.keys import sealing, sharing
from shared.outbox.committer import Answer, Command, Committer
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OpeningJob:
    """Opens what waits, and ends the keys of ended tasks."""

    collection: Callable[[str], Collection[dict[str, Any]]]
    committer: Committer
    keys_of: KeysOf

    def run(self) -> None:
        """Open each waiting sum once, then destroy the keys of every ended task."""
        tasks = self.collection(TASKS)
        for task in tasks.find({"state": SUMMED}):
            self._open(task)
        for task in tasks.find({"state": ENDED}, {"_id": 1}):
            self.keys_of(task["_id"]).destroy()

    def _open(self, task: dict[str, Any]) -> None:
        verdict, release = self._protected(task)

        def commit(work: UnitOfWork) -> Answer:
            current = work.get(TASKS, task["_id"])
            if current["state"] != SUMMED:
                return Answer(status=200)
            end_task(work, current, verdict)
            if release is None:
                work.record(OpeningRefused(task_id=task["_id"]), sequence=3, route="board")
            else:
                work.record(
                    TablesProtected(
                        task_id=task["_id"],
                        cohort_hash=task["cohort_hash"],
                        hosts=release.hosts,
                        people=release.people,
                        tables=release.tables,
                    ),
                    sequence=3,
                    route="board",
                )
            return Answer(status=200)

        self.committer.execute(Command(run=commit, aggregates=frozenset({task["_id"]})))

    def _protected(self, task: dict[str, Any]) -> tuple[str, ProtectedRelease | None]:
        plan = load_plan(task["plan_id"])
        layout = VectorLayout.of(plan)
        keys = self.keys_of(task["_id"])
        context = f"alongside-sum|{task['task_hash']}|{task['period']}".encode()
        content = keys.existing_server_key().open_sealed(sealing.from_text(task["sealed_sum"]), context)
        seeds = self.collection(SEEDS).find({"task_id": task["_id"], "report_id": {"$in": task["cohort"]}})
        opening = open_cohort(
            layout=layout,
            sum_a=sharing.from_bytes(content, layout.length),
            sum_of_expansions=sharing.add_up((expansion_of(task, s, self.keys_of) for s in seeds), layout.length),
            hosts=len(task["cohort"]),
            minimums=plan.minimums,
        )
        if opening.opened is None:
            return str(opening.verdict), None
        release = protect(
            opening.opened,
            plan=plan,
            hosts=len(task["cohort"]),
            coin_key=keys.coin_key().secret,
            period=task["period"],
        )
        return str(opening.verdict), release
