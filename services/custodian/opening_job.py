"""The one opening of a task: in the memory of this job, protected, and forgotten.

Promise: the sum is opened from the stored bytes of the one recorded opening; what leaves is rounded; the
keys are destroyed right after, so a restart before that gives the same tables, after it nothing opens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pymongo.collection import Collection

from services.custodian.domain.opening import open_cohort
from services.custodian.domain.protection import ProtectedRelease
from services.custodian.gate.model import PublicCount
from services.custodian.handlers import end_task, lapse, state_destruction
from services.custodian.release import decide, history_from, history_to, shown_release
from services.custodian.reports import KeysOf, expansion_of
from services.custodian.store import AGREED, ENDED, OPEN, RELEASES, SEEDS, SUMMED, TASKS, terms_of
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING
from shared.contracts.custodian import OpeningRefused, TablesProtected
from shared.contracts.vector import VectorLayout
from shared.kernel.clock import Now
from shared.keys import sealing, sharing
from shared.keys.sealing import SealedForAnotherError
from shared.keys.sharing import WrongShareSizeError
from shared.keys.signing import Trust
from shared.outbox.committer import Answer, Command, Committer
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OpeningJob:
    """Opens what waits, lets silent tasks lapse, and ends the keys of ended tasks."""

    collection: Callable[[str], Collection[dict[str, Any]]]
    committer: Committer
    keys_of: KeysOf
    trust: Trust
    now: Now
    public: Sequence[PublicCount] = ()

    def run(self) -> None:
        """Open each waiting sum once; destroy the keys of every ended task, then state it, signed."""
        tasks = self.collection(TASKS)
        for task in tasks.find({"state": SUMMED}):
            self._open(task)
        before = self.now() - NOT_PUBLISHED_AFTER_OPENING
        for task in tasks.find({"state": {"$in": [OPEN, AGREED]}, "closes_at": {"$lte": before}}, {"_id": 1}):
            self._execute(task["_id"], partial(lapse, task["_id"]))
        for task in tasks.find({"state": ENDED, "destroyed_at": {"$exists": False}}, {"_id": 1}):
            self.keys_of(task["_id"]).destroy()
            self._execute(task["_id"], partial(state_destruction, task["_id"], trust=self.trust))

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
                draft = terms_of(task).draft
                shown = history_to(shown_release(release, draft.plan(), draft.covers))
                # Every later release is attacked together with this one, published or not.
                work.insert(RELEASES, {"_id": task["_id"], "sent_at": work.now, **shown})
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

        self._execute(task["_id"], lambda *, work: commit(work))

    def _execute(self, task_id: str, step: Callable[..., Answer]) -> None:
        self.committer.execute(Command(run=lambda work: step(work=work), aggregates=frozenset({task_id})))

    def _protected(self, task: dict[str, Any]) -> tuple[str, ProtectedRelease | None]:
        terms = terms_of(task)
        plan = terms.draft.plan()
        layout = VectorLayout.of(plan)
        keys = self.keys_of(task["_id"])
        context = sharing.sum_context(task_hash=task["task_hash"], period=task["period"])
        key = keys.existing_server_key()
        try:
            sum_a = sharing.from_bytes(key.open_sealed(sealing.from_text(task["sealed_sum"]), context), layout.length)
        except (SealedForAnotherError, WrongShareSizeError):
            # The board's one sum is no sum of this task. It gets no second try, and no other task waits for it.
            return "UNREADABLE_SUM", None
        seeds = self.collection(SEEDS).find({"task_id": task["_id"], "report_id": {"$in": task["cohort"]}})
        opening = open_cohort(
            layout=layout,
            sum_a=sum_a,
            sum_of_expansions=sharing.add_up((expansion_of(task, s, self.keys_of) for s in seeds), layout.length),
            hosts=len(task["cohort"]),
            minimums=plan.minimums,
        )
        if opening.opened is None:
            return str(opening.verdict), None
        release, _ = decide(
            opening.opened,
            plan=plan,
            hosts=len(task["cohort"]),
            coin_key=keys.existing_coin_key(terms.coin_key_hash).secret,
            period=task["period"],
            covers=terms_of(task).draft.covers,
            history=[history_from(document) for document in self.collection(RELEASES).find().sort("sent_at", 1)],
            public=self.public,
        )
        return str(opening.verdict), release
