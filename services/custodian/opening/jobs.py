"""The one opening of a task, committed with what leaves; and the ends of tasks and of their keys.

Promise: the sum is opened from the stored bytes of the one recorded opening (``services.custodian.opening.computing``);
what leaves is rounded and has passed the gate; the keys are destroyed right after, so a restart before that gives the
same tables, after it nothing opens. What is wrong with one task stops no other
(``tests/integration/statistics/test_tasks_apart.py``).
Whatever keeps a figure back, a sum that is not of the cohort's shares, too few people or the gate, what leaves is the
same: tables of which nothing is shown. Log and audit name tables, never a figure nor a rule that failed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymongo.collection import Collection

from services.custodian.gate.release import PublicTable
from services.custodian.history.documents import RELEASES, releases, sent_release, take_turn_of_history
from services.custodian.history.views import read_public_tables
from services.custodian.tasks.documents import TASKS, read_task, tasks
from services.custodian.tasks.ending import end_task, lapse, state_destruction
from services.custodian.tasks.task import AGREED, ENDED, OPEN, SUMMED, Task
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING
from shared.contracts.custodian import TablesProtected
from shared.kernel.clock import Now
from shared.kernel.messages import AuditIntent
from shared.keys.messages import sign_message
from shared.keys.signing import Trust
from shared.keys.task_keys import KeysOf
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.key_sweep import destroy_orphans
from shared.runtime.one_by_one import OneByOne
from shared.telemetry.logs import get_logger

if TYPE_CHECKING:
    from services.custodian.protection.rules import ProtectedRelease

OPENING_JOB = "opening"

log = get_logger(__name__)


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job that opens."""
    job = OpeningJob(
        collection=lambda name: context.client[context.database_name][name],
        committer=context.committer,
        keys_of=context.task_keys,
        trust=context.trust,
        now=context.clock.now,
        public_tables=partial(read_public_tables, Path(context.settings.data_dir)),
        apart=partial(context.apart, context.service, OPENING_JOB) if context.apart is not None else None,
    )
    return [Job(name=OPENING_JOB, every_s=context.settings.job_every_s, run=job.run, one=job.open)]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What came of one opening, before it is committed.

    Attributes:
        examined: Ids of the releases that the gate may have set it against.
        findings: Names of tables that went coarser.
    """

    task: Task
    examined: frozenset[str]
    verdict: str
    release: "ProtectedRelease"
    findings: tuple[str, ...]


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
        from services.custodian.opening.computing import protected  # noqa: PLC0415

        document = self.collection(TASKS).find_one({"_id": task_id, "state": SUMMED})
        if document is None:
            return
        task = read_task(document)
        # Before the history is read: a release that comes between the two is looked for in vain, not overlooked.
        examined = frozenset(release["_id"] for release in self.collection(RELEASES).find({}, {"_id": 1}))
        verdict, release, findings = protected(task, self.collection, self.keys_of, self.public_tables)
        opened = Opened(task=task, examined=examined, verdict=verdict, release=release, findings=findings)
        self._execute(task_id, partial(self._send, opened))

    def _send(self, opened: "Opened", work: UnitOfWork) -> Answer:
        """End the task with what may be shown of it, unless it ended meanwhile.

        Nor while another release has left that the gate did not set this one against: then it is opened again, and
        what nobody has seen is examined with the whole history (``tests/integration/statistics/test_server_races.py``).
        """
        task, release = opened.task, opened.release
        if tasks(work).get(task.id).state != SUMMED:
            return Answer(status=200)
        if take_turn_of_history(work) != opened.examined:
            log.info("another release left meanwhile; this one is examined again", task_id=task.id)
            return Answer(status=200)
        end_task(work, task.id, opened.verdict)
        for table in opened.findings:
            work.audit(_intent(table, work.now))
        sent = TablesProtected(
            task_id=task.id,
            cohort_hash=task.cohort_hash,
            hosts=release.hosts,
            people=release.people,
            tables=release.tables,
        )
        # In the same transaction: no release leaves that a later gate would not know of.
        releases(work).add(sent_release(task.signed, sent))
        work.record(sign_message(sent, self.trust.own), sequence=3, route="board")
        return Answer(status=200)

    def _execute(self, task_id: str, step: Callable[[UnitOfWork], Answer]) -> None:
        self.committer.execute(Command(run=step, aggregates=frozenset({task_id})))


def _intent(table: str, at: datetime) -> AuditIntent:
    return AuditIntent(
        action="custodian:table:coarsen",
        actor_id="system",
        role="SYSTEM",
        object_id=table,
        outcome="COARSER",
        at=at,
    )
