"""The job of copies: it gathers case's own part, asks again whoever is silent, and deletes what is over.

Each copy is a transaction of its own, so one that fails holds up no other, and a kill at any point is taken up by the
next run. Deleted is a copy whose days are over, whose request ended without it, or whose person was erased; what is
left says who did what. Shown by tests/integration/case/test_access_copies.py.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from services.case.access.beginning import CASE, ask
from services.case.access.documents import COPIES, CopyStore
from services.case.access.gathering import gathered
from services.case.access.rules import COLLECTING, GONE, Copy
from services.case.rights.decisions import REFUSED, TAKEN_BACK
from services.case.rights.documents import RIGHTS_CASES
from services.case.rights.rules import CLOSED
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.access_parts import Part, to_text
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps

_CHUNK = 100
_DONE = Answer(status=200)
_LOOKED_AT = ("survivor_id", "expires_at", "step_at", "questions.party", "questions.answered_at")
_WITHOUT_A_COPY = {"state": CLOSED, "outcome": {"$in": [REFUSED, TAKEN_BACK]}}


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``access-copies``."""
    return [Job(name="access-copies", every_s=context.settings.job_every_s, run=Copies(context).run)]


class Copies:
    """Looks after one tenant's copies."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        self._database = context.client[context.database_name]
        self._steps = Steps(execute=context.committer.execute)

    def run(self) -> None:
        """Take every step that can be taken now.

        Raises:
            TemporarilyUnavailableError: The database is away; the next run goes on from here.
        """
        for copy_id in self._due():
            self._steps.attempt("access-copies", partial(self._step, copy_id), aggregate=copy_id)

    def _due(self) -> Iterator[str]:
        last, now = "", self._context.clock.now()
        while True:
            where = {"ended_at": None, "_id": {"$gt": last}}
            found = list(self._database[COPIES].find(where, _LOOKED_AT).sort("_id", 1).limit(_CHUNK))
            known = self._context.survivor_keys.find_many([one["survivor_id"] for one in found])
            over = {"_id": {"$in": [one["_id"] for one in found]}, **_WITHOUT_A_COPY}
            ended = {one["_id"] for one in self._database[RIGHTS_CASES].find(over, {"_id": 1})}
            for one in found:
                own = any(asked["party"] == CASE and asked["answered_at"] is None for asked in one["questions"])
                steps = one["step_at"] is not None and one["step_at"] <= now
                if own or steps or one["expires_at"] <= now or one["_id"] in ended or one["survivor_id"] not in known:
                    yield one["_id"]
            if len(found) < _CHUNK:
                return
            last = found[-1]["_id"]

    def _step(self, copy_id: str, work: UnitOfWork) -> Answer:
        survivor_id = work.get(COPIES, copy_id)["survivor_id"]
        keys = self._context.survivor_keys.find_many([survivor_id])
        store = CopyStore(work, Sealer(tenant=str(self._context.tenant_id), keys=keys))
        copy = store.find(copy_id)
        if copy is None or copy.ended_at is not None:
            return _DONE
        if survivor_id not in keys or copy.state_at(work.now) == GONE or self._is_wanted_no_more(work, copy_id):
            store.drop_parts(copy_id)
            store.save(replace(copy, secret_key=None, ended_at=work.now))
        elif copy.state_at(work.now) == COLLECTING:
            self._collect(store, copy, work, keys[survivor_id])
        return _DONE

    def _is_wanted_no_more(self, work: UnitOfWork, copy_id: str) -> bool:
        case = work.get(RIGHTS_CASES, copy_id)
        return case["state"] == CLOSED and case["outcome"] in (REFUSED, TAKEN_BACK)

    def _collect(self, store: CopyStore, copy: Copy, work: UnitOfWork, key: bytes) -> None:
        own = copy.question(CASE)
        after = copy
        if own.is_open:
            sealer = Sealer(tenant=str(self._context.tenant_id), keys={copy.survivor_id: key})
            items = tuple(gathered(self._database, copy.survivor_id, sealer))
            part = Part(question_id=own.id, about=copy.survivor_id, items=items)
            after = copy.answered(own.id, (item.by for item in items), work.now)
            store.keep_part(copy, own.id, to_text(part))
        again = {one.id for one in after.to_ask(work.now)}
        after = after.asked_again(again, work.now)
        ask(work, after, [one for one in after.questions if one.id in again])
        # Since when somebody is late follows from the time alone, and is written down once.
        is_late_now = bool(after.late(work.now)) and work.get(COPIES, copy.id)["late_since"] is None
        if after != copy or is_late_now:
            store.save(after)
