"""The board's job: closes tasks, lets them lapse, and destroys the keys of ended ones, each task apart from the others.

Promise: no key outlives its task, also where a task was refused, never answered, or never stored
(``tests/integration/statistics/test_tasks_apart.py`` shows it 400 days later).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pymongo.collection import Collection

from services.board import handlers
from services.board.reports import KeysOf
from services.board.store import CLOSED, ENDED, OPEN, PROPOSED, PROTECTED, SUMMED
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING
from shared.kernel.clock import Now
from shared.keys.signing import Trust
from shared.outbox.committer import Answer, Command, Committer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.key_sweep import destroy_orphans
from shared.runtime.one_by_one import OneByOne

_LAPSING = [OPEN, CLOSED, SUMMED, PROTECTED]


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
        self._execute(task_id, partial(handlers.close_task, task_id, keys_of=self.keys_of, trust=self.trust))

    def _lapse(self, task_id: str) -> None:
        self._execute(task_id, partial(handlers.lapse, task_id))

    def _destroy(self, task_id: str) -> None:
        # The keys go first: a receipt is never ahead of the truth, and destroying twice is harmless.
        self.keys_of(task_id).destroy()
        self._execute(task_id, partial(handlers.state_destruction, task_id, trust=self.trust))

    def _execute(self, task_id: str, step: Callable[..., Answer]) -> None:
        def run(work: UnitOfWork) -> Answer:
            return step(work=work)

        self.committer.execute(Command(run=run, aggregates=frozenset({task_id})))
