"""The one opening of a task, committed with what leaves; and the ends of tasks and of their keys.

Promise: the sum is opened from the stored bytes of the one recorded opening (``services.custodian.opening``); what
leaves is rounded and has passed the gate; the keys are destroyed right after, so a restart before that gives the
same tables, after it nothing opens. What is wrong with one task stops no other
(``tests/integration/statistics/test_tasks_apart.py``).
Whatever keeps a figure back, a sum that is not of the cohort's shares, too few people or the gate, what leaves is the
same: tables of which nothing is shown. Log and audit name tables, never a figure nor a rule that failed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pymongo.collection import Collection

from services.custodian.gate.release import PublicTable
from services.custodian.handlers import end_task, lapse, state_destruction
from services.custodian.releases import release_to
from services.custodian.reports import KeysOf
from services.custodian.store import AGREED, ENDED, OPEN, RELEASES, SUMMED, TASKS, terms_of
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING
from shared.contracts.custodian import OpeningRefused, TablesProtected
from shared.kernel.clock import Now
from shared.kernel.messages import AuditIntent
from shared.keys.messages import sign_message
from shared.keys.signing import Trust
from shared.outbox.committer import Answer, Command, Committer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.key_sweep import destroy_orphans
from shared.runtime.one_by_one import OneByOne

OPENING_JOB = "opening"


@dataclass(frozen=True, kw_only=True)
class OpeningJob:
    """Opens what waits, lets silent tasks lapse, and ends the keys of ended tasks.

    Attributes:
        apart: Opens one task elsewhere, in a process of its own; None: here.
    """

    collection: Callable[[str], Collection[dict[str, Any]]]
    committer: Committer
    keys_of: KeysOf
    trust: Trust
    now: Now
    public_tables: Callable[[], tuple[PublicTable, ...]] = tuple
    apart: Callable[[str], None] | None = None

    def run(self) -> None:
        """Open each waiting sum once; end silent tasks; destroy the keys of ended ones, then state it, signed.

        A task that cannot be opened (a lost key, a broken table of the public, a release whose terms are gone) is
        logged, measured and tried again at the next run, until it lapses; the others go on.
        """
        apart = OneByOne(service="custodian", job="opening")
        # What has lapsed is never opened: first the ends, then the openings, which take long.
        over = {"$lte": self.now() - NOT_PUBLISHED_AFTER_OPENING}
        silent = {"state": {"$in": [OPEN, AGREED, SUMMED]}, "closes_at": over}
        apart.each(self._ids(silent), self._lapse, name="lapse")
        ended = {"state": ENDED, "destroyed_at": {"$exists": False}}
        apart.each(self._ids(ended), self._destroy, name="destroy")
        apart.each(self._ids({"state": SUMMED}), self.apart or self.open, name="open")
        apart.each(self._ids(ended), self._destroy, name="destroy")
        destroy_orphans(self.keys_of, known=lambda ids: self._ids({"_id": {"$in": ids}}), apart=apart)
        apart.measure()

    def _ids(self, query: dict[str, Any]) -> list[str]:
        return [task["_id"] for task in self.collection(TASKS).find(query, {"_id": 1})]

    def _lapse(self, task_id: str) -> None:
        self._execute(task_id, partial(lapse, task_id))

    def _destroy(self, task_id: str) -> None:
        # The keys go first: a receipt is never ahead of the truth, and destroying twice is harmless.
        self.keys_of(task_id).destroy()
        self._execute(task_id, partial(state_destruction, task_id, trust=self.trust))

    def open(self, task_id: str) -> None:
        """Open one task's sum here, if it still waits; a kill at any point is resumed at the next call."""
        # What computes for long is loaded where it computes.
        from services.custodian.opening import protected  # noqa: PLC0415

        task = self.collection(TASKS).find_one({"_id": task_id, "state": SUMMED})
        if task is None:
            return
        verdict, release, findings = protected(task, self.collection, self.keys_of, self.public_tables)

        def commit(work: UnitOfWork) -> Answer:
            current = work.get(TASKS, task["_id"])
            if current["state"] != SUMMED:
                return Answer(status=200)
            end_task(work, current, verdict)
            for table in findings:
                work.audit(_intent(table, work.now))
            if release is None:
                refused = sign_message(OpeningRefused(task_id=task["_id"]), self.trust.own)
                work.record(refused, sequence=3, route="board")
            else:
                sent = TablesProtected(
                    task_id=task["_id"],
                    cohort_hash=task["cohort_hash"],
                    hosts=release.hosts,
                    people=release.people,
                    tables=release.tables,
                )
                # In the same transaction: no release leaves that a later gate would not know of.
                work.insert(RELEASES, release_to(terms_of(task), sent))
                work.record(sign_message(sent, self.trust.own), sequence=3, route="board")
            return Answer(status=200)

        self._execute(task["_id"], lambda *, work: commit(work))

    def _execute(self, task_id: str, step: Callable[..., Answer]) -> None:
        self.committer.execute(Command(run=lambda work: step(work=work), aggregates=frozenset({task_id})))


def _intent(table: str, at: datetime) -> AuditIntent:
    return AuditIntent(
        action="custodian:table:coarsen",
        actor_id="system",
        role="SYSTEM",
        object_id=table,
        outcome="COARSER",
        at=at,
    )
