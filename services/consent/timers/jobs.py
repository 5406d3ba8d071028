"""The job that works out anew when to talk with whom: of ledgers from before this was kept, or by an older policy."""

from functools import partial
from typing import Any

from pymongo.database import Database

from services.consent.ledger.documents import CHUNK, CONSENTS, ConsentStore, consent_from
from services.consent.timers.policy import version
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps

_EVERY_S = 60.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``talks``."""
    database = context.client[context.database_name]
    steps = Steps(execute=context.committer.execute)
    return [Job(name="talks", every_s=_EVERY_S, run=lambda: work_out_all(steps, database))]


def work_out_all(steps: Steps, database: Database[dict[str, Any]]) -> None:
    """Work out a chunk; the next run goes on. One ledger that fails stops no other."""
    found = database[CONSENTS].find({"talk_policy": {"$ne": version()}}, {"_id": 1}).limit(CHUNK)
    for document in list(found):
        steps.attempt("talks", partial(work_out, document["_id"]), aggregate=document["_id"])


def work_out(consent_id: str, work: UnitOfWork) -> Answer:
    """Keep of one ledger when to talk about it; the ledger itself stays as it is."""
    document = work.find(CONSENTS, consent_id)
    if document is not None:
        ConsentStore(work).note_talk(consent_from(document))
    return Answer(status=200)
