"""The job that carries out confirmed erasures: it destroys the key, and closes the case once copies are closed too.

Each step may be done twice, so a kill at any point is resumed by the next run; one person's fault holds up no other,
and neither do those whose copies wait to be closed.
Three answers: *erased*; *available*, while the key is there; and *never known*, which is a failure: then nothing was
erased, and the case stays open. Shown by tests/integration/case/test_erasures.py.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from services.case.erasures.documents import ERASURES, ErasureStore
from services.case.erasures.rules import CONFIRMED, KEY_DESTROYED, UNDER_WAY, Erasure, ended_by
from services.case.rights.documents import RightsStore
from services.case.survivors.sealing import Sealer
from shared.keys.key_table import KeyTable
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps

_CHUNK = 100
_BY_THE_JOB = ("job", "SYSTEM")


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``person-erasures``."""
    return [Job(name="person-erasures", every_s=context.settings.job_every_s, run=PersonErasures(context).run)]


class PersonErasures:
    """Carries out one tenant's confirmed erasures."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        self._table = KeyTable(context.keys_database)
        self._steps = Steps(execute=context.committer.execute)
        self._sealer = Sealer(tenant=str(context.tenant_id), keys={})

    def run(self) -> None:
        """Take every step that can be taken now.

        Raises:
            TemporarilyUnavailableError: The database is away; the next run goes on from here.
        """
        for erasure_id, survivor_id, state in self._under_way():
            if state == CONFIRMED:
                run = partial(self._destroy, erasure_id)
            elif (generation := self._table.closed_by(survivor_id)) is not None:
                run = partial(self._note_erased, erasure_id, generation)
            else:
                continue
            self._steps.attempt("person-erasures", run, aggregate=erasure_id)

    def _under_way(self) -> Iterator[tuple[str, str, str]]:
        erasures, last = self._context.client[self._context.database_name][ERASURES], ""
        while True:
            where = {"state": {"$in": list(UNDER_WAY)}, "_id": {"$gt": last}}
            found = list(erasures.find(where, {"survivor_id": 1, "state": 1}).sort("_id", 1).limit(_CHUNK))
            yield from ((one["_id"], one["survivor_id"], one["state"]) for one in found)
            if len(found) < _CHUNK:
                return
            last = found[-1]["_id"]

    def _destroy(self, erasure_id: str, work: UnitOfWork) -> Answer:
        store = ErasureStore(work)
        erasure = store.get(erasure_id)
        if erasure.state != CONFIRMED:
            return Answer(status=200)
        # Whoever was killed after the key was destroyed finds it among the erased, and only notes it.
        one = [erasure.survivor_id]
        if self._table.erased(one) or self._table.find(one):
            self._context.survivor_keys.forget(erasure.survivor_id)
            store.save(erasure.key_destroyed(work.now))
        else:
            store.save(erasure.never_known())
            self._end_of_case(work, erasure, "NOT_ERASED")
        return Answer(status=200)

    def _note_erased(self, erasure_id: str, generation: int, work: UnitOfWork) -> Answer:
        store = ErasureStore(work)
        erasure = store.get(erasure_id)
        if erasure.state == KEY_DESTROYED:
            store.save(erasure.erased(generation, work.now))
            self._end_of_case(work, erasure, "ERASED")
        return Answer(status=200)

    def _end_of_case(self, work: UnitOfWork, erasure: Erasure, step: str) -> None:
        rights = RightsStore(work, self._sealer)
        case = rights.get(erasure.id)
        case = ended_by(case, erasure, work.now) if step == "ERASED" else replace(case, erasing=None)
        rights.save(case)
        rights.note(case, step, reason=None, words=None, by=_BY_THE_JOB)
