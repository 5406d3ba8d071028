"""The board's job: closes tasks, lets them lapse, and destroys the keys of ended ones, each task apart from the others.

Promise: no key outlives its task, also where a task was refused, never answered, or never stored
(``tests/integration/statistics/test_tasks_apart.py`` shows it 400 days later).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pymongo.collection import Collection

from services.board.releases.documents import releases
from services.board.releases.rules import DRAFT, LAPSED
from services.board.reports.documents import shares
from services.board.reports.halves import check_of
from services.board.reports.judging import judge
from services.board.reports.rules import NOT_RECEIVED
from services.board.tasks.documents import TASKS, tasks
from services.board.tasks.ending import end_task
from services.board.tasks.task import (
    CLOSED,
    ENDED,
    NOT_PUBLISHED,
    OPEN,
    PROPOSED,
    PROTECTED,
    REFUSED_DRAFT,
    SUMMED,
)
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING, days_after
from shared.contracts.board import BoardKeysDestroyed, ReportsAccepted
from shared.contracts.task import accepted_message, destroyed_message
from shared.kernel.clock import Now
from shared.keys.messages import sign_message
from shared.keys.signing import Trust
from shared.keys.task_keys import KeysOf
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.key_sweep import destroy_orphans
from shared.runtime.one_by_one import OneByOne

_LAPSING = [OPEN, CLOSED, SUMMED, PROTECTED]


def jobs(context: ServiceContext) -> list[Job]:
    """Give the task clock."""
    clock = TaskClock(
        tasks=context.client[context.database_name][TASKS],
        committer=context.committer,
        keys_of=context.task_keys,
        trust=context.trust,
        now=context.clock.now,
    )
    return [Job(name="task-clock", every_s=context.settings.job_every_s, run=clock.run)]


@dataclass(frozen=True, kw_only=True)
class TaskClock:
    """Looks at the board's tasks."""

    tasks: Collection[dict[str, Any]]
    committer: Committer
    keys_of: KeysOf
    trust: Trust
    now: Now

    def run(self) -> None:
        """Take every step that is due; a task that cannot go on is tried again at the next run, until it lapses."""
        now = self.now()
        apart = OneByOne(service="board", job="task-clock")
        # Not before: the longest wait of all is counted from the closing or from the tables' arrival.
        over = {"$lte": now - NOT_PUBLISHED_AFTER_OPENING}
        apart.each(self._ids({"state": OPEN, "closes_at": {"$lte": now}}), self._close, name="close")
        apart.each(self._ids({"state": {"$in": _LAPSING}, "closes_at": over}), self._lapse, name="lapse")
        apart.each(self._ids({"state": PROPOSED, "seal_at": {"$lte": now}}), self._lapse, name="lapse")
        ended = {"state": {"$in": list(ENDED)}, "destroyed_at": {"$exists": False}}
        apart.each(self._ids(ended), self._destroy, name="destroy")
        destroy_orphans(self.keys_of, known=lambda ids: self._ids({"_id": {"$in": ids}}), apart=apart)
        apart.measure()

    def _ids(self, query: dict[str, Any]) -> list[str]:
        return [task["_id"] for task in self.tasks.find(query, {"_id": 1})]

    def _close(self, task_id: str) -> None:
        self._execute(task_id, partial(close_task, keys_of=self.keys_of, trust=self.trust))

    def _lapse(self, task_id: str) -> None:
        self._execute(task_id, lapse)

    def _destroy(self, task_id: str) -> None:
        # The keys go first: a receipt is never ahead of the truth, and destroying twice is harmless.
        self.keys_of(task_id).destroy()
        self._execute(task_id, partial(state_destruction, trust=self.trust))

    def _execute(self, task_id: str, step: Callable[..., Answer]) -> None:
        self.committer.execute(Command(run=partial(step, task_id), aggregates=frozenset({task_id})))


def close_task(task_id: str, work: UnitOfWork, *, keys_of: KeysOf, trust: Trust) -> Answer:
    """Close a task: tell the custodian which reports are here, with their check shares, and silent hosts so."""
    task = tasks(work).get(task_id)
    if task.state != OPEN or work.now < task.closes_at:
        return Answer(status=200)
    held = shares(work).where({"task_id": task_id}, sort=[("report_id", 1)])
    checks = tuple(check_of(task, share, keys_of) for share in held)
    accepted = [check.report_id for check in checks]
    for host in sorted(set(task.roster) - {share.host for share in held}):
        judge(work, task, host, NOT_RECEIVED, "NOT_RECEIVED", trust=trust)
    tasks(work).change(task_id, state=CLOSED, accepted=accepted)
    message = accepted_message("board", task_hash=task.task_hash, report_ids=accepted)
    reports = ReportsAccepted(task_id=task_id, checks=checks, signature=trust.own.sign(message))
    work.record(sign_message(reports, trust.own), sequence=3, route="custodian")
    return Answer(status=200)


def lapse(task_id: str, work: UnitOfWork) -> Answer:
    """End a task of which nothing was published in 14 days; a waiting draft lapses with it.

    A draft that the custodian never answered is over when its seal comes: no host can know of it in time any more.
    """
    task = tasks(work).get(task_id)
    if task.state == PROPOSED and work.now >= task.seal_at:
        end_task(work, task_id, REFUSED_DRAFT)
    since = task.ended_at if task.state == PROTECTED and task.ended_at is not None else task.closes_at
    if task.state in (OPEN, CLOSED, SUMMED, PROTECTED) and work.now >= days_after(since, NOT_PUBLISHED_AFTER_OPENING):
        for draft in releases(work).where({"task_id": task_id, "state": DRAFT}):
            releases(work).change(draft.id, state=LAPSED, people=None, tables=[])
        end_task(work, task_id, NOT_PUBLISHED)
    return Answer(status=200)


def state_destruction(task_id: str, work: UnitOfWork, *, trust: Trust) -> Answer:
    """State, signed, that the board's keys of an ended task are gone; call it after they are."""
    task = tasks(work).get(task_id)
    if task.state in ENDED and task.destroyed_at is None:
        at = work.now.replace(microsecond=0)
        signature = trust.own.sign(destroyed_message("board", task_hash=task.task_hash, at=at))
        tasks(work).change(task_id, destroyed_at=at, destroyed_signature=signature)
        # A custodian that refused a draft made no key for it and keeps nothing of it.
        if task.state != REFUSED_DRAFT:
            receipt = BoardKeysDestroyed(task_id=task_id, destroyed_at=at, signature=signature)
            work.record(sign_message(receipt, trust.own), sequence=5, route="custodian")
    return Answer(status=200)
