"""The job that lets everybody be found: who was here before, whom an import made, and all after an erasure.

An erasure ends the marks' key with the tenant key, so they are made anew for whoever is left; those of the old key are
deleted, and with them the erased person's. A kill at any point is taken up by the next run: what is still to do stands
in each survivor's own document. One whose record does not open stops no other. Shown by
tests/integration/case/test_finding.py.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from services.case.duplicates.documents import DuplicateStore
from services.case.finding.documents import MARK, MARK_KEYS, MARKS, mark_from
from services.case.finding.keys import Marker, MarkKeys
from services.case.finding.rules import Said
from services.case.finding.writing import MarkStore
from services.case.survivors.documents import SURVIVOR, SURVIVORS
from services.case.survivors.sealing import Sealer
from shared.keys.fields import CiphertextMovedError
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps
from shared.telemetry.logs import get_logger

# A run is a second or two long: whoever stops the process waits for it.
_CHUNK, _MOST_A_RUN, _EVERY_S = 50, 500, 10.0

log = get_logger(__name__)


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``survivor-marks``."""
    return [Job(name="survivor-marks", every_s=_EVERY_S, run=MarkJob(context).run)]


class MarkJob:
    """Marks one tenant's survivors."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        self._keys = MarkKeys(context)
        self._database = context.client[context.database_name]
        self._steps = Steps(execute=context.committer.execute)

    def run(self) -> None:
        """Mark whoever is not marked under the newest key, and then let go of what older ones left.

        Raises:
            TemporarilyUnavailableError: The database is away; the next run goes on from here.
        """
        generation = self._keys.generation
        behind = self._behind(generation)
        if behind:
            marker = self._keys.newest()
            for first in range(0, len(behind), _CHUNK):
                self._mark(behind[first : first + _CHUNK], marker)
            behind = self._behind(generation)
        if not behind:
            self._drop_older(generation)

    def _behind(self, generation: int) -> list[str]:
        found: list[str] = []
        for where in ({"marked_under": None}, {"marked_under": {"$lt": generation}}):
            found += [d["_id"] for d in self._database[SURVIVORS].find(where, {"_id": 1}).limit(_MOST_A_RUN)]
        return found

    def _mark(self, survivor_ids: Sequence[str], marker: Marker) -> None:
        together = partial(self._mark_some, survivor_ids, marker)
        if self._steps.attempt("survivor-marks", together, aggregate="survivor-marks"):
            return
        for one in survivor_ids:
            self._steps.attempt("survivor-marks", partial(self._mark_some, [one], marker), aggregate=one)

    def _mark_some(self, survivor_ids: Sequence[str], marker: Marker, work: UnitOfWork) -> Answer:
        stored = work.find_where(SURVIVORS, {"_id": {"$in": list(survivor_ids)}})
        sealer = Sealer(
            tenant=str(self._context.tenant_id), keys=self._context.survivor_keys.find_many(list(survivor_ids))
        )
        for document in stored:
            if document["_id"] in sealer.keys:
                said = _said(document, sealer)
                if said is not None:
                    MarkStore(work, marker).note(document["_id"], said)
            else:
                _forget(document["_id"], work)
            work.replace(SURVIVORS, SURVIVOR.changed(document, marked_under=marker.generation))
        return Answer(status=200)

    def _drop_older(self, generation: int) -> None:
        older = {"generation": {"$lt": generation}}
        for collection in (MARKS, MARK_KEYS):
            while ids := [d["_id"] for d in self._database[collection].find(older, {"_id": 1}).limit(_CHUNK)]:
                if not self._steps.attempt("survivor-marks", partial(_drop, collection, ids), aggregate=collection):
                    return


def _said(document: Mapping[str, Any], sealer: Sealer) -> Said | None:
    """Read what somebody is found by; None of a record that does not open, which the log says."""
    try:
        values = SURVIVOR.values(document, opened=sealer.opening(document["_id"]))
    except CiphertextMovedError:
        log.error("a survivor's record does not open, so a search does not find it")  # noqa: TRY400
        return None
    return Said(name=values["name"], contact=values["safe_contact"], reference=values["reference"])


def _forget(survivor_id: str, work: UnitOfWork) -> None:
    """Let go of whoever was erased, whatever was written of them at the same moment."""
    for stored in work.find_where(MARKS, {"survivor_ids": survivor_id}):
        mark = mark_from(stored)
        left = tuple(one for one in mark.survivor_ids if one != survivor_id)
        if left or mark.full:
            work.replace(MARKS, MARK.changed(stored, survivor_ids=left))
        else:
            work.delete(MARKS, mark.id)
    DuplicateStore(work).forget(survivor_id)


def _drop(collection: str, ids: Sequence[str], work: UnitOfWork) -> Answer:
    for one in ids:
        work.delete(collection, one)
    return Answer(status=200)
