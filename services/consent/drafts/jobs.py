"""The job that deletes drafts whose days have passed."""

from functools import partial
from typing import Any

from pymongo.database import Database

from services.consent.drafts.documents import DRAFTS
from shared.kernel.clock import BusinessClock
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps

_CHUNK, _EVERY_S = 100, 300.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``drafts``."""
    database, steps = context.client[context.database_name], Steps(execute=context.committer.execute)
    return [Job(name="drafts", every_s=_EVERY_S, run=lambda: drop_old(steps, database, context.clock))]


def drop_old(steps: Steps, database: Database[dict[str, Any]], clock: BusinessClock) -> None:
    """Delete a chunk of them; the next run goes on. One that fails stops no other."""
    found = database[DRAFTS].find({"ends_at": {"$lte": clock.now()}}, {"_id": 1}).sort("ends_at", 1).limit(_CHUNK)
    for document in list(found):
        steps.attempt("drafts", partial(_drop, document["_id"]), aggregate=document["_id"])


def _drop(draft_id: str, work: UnitOfWork) -> Answer:
    document = work.find(DRAFTS, draft_id)
    if document is not None and document["ends_at"] <= work.now:
        work.delete(DRAFTS, draft_id)
    return Answer(status=200)
