"""The job that deletes, chunk after chunk, what nobody decides by: receipts, concerns, stops, permits, proofs.

Promise: a kill between two chunks is taken up by the next run; a proof of which somebody has not answered stays until
they have, since whoever received something must still be told, and then goes too. Shown by
tests/integration/consent/test_erasing.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from pymongo.database import Database

from services.consent.concerns.documents import CONCERNS
from services.consent.ledger.people import PEOPLE, PersonStore
from services.consent.permits.documents import PERMITS
from services.consent.receipts.documents import RECEIPTS
from services.consent.stops.documents import STOPS
from services.consent.withdrawals.documents import WITHDRAWALS
from services.consent.withdrawals.rules import PROVEN
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps

CHUNK = 100
_EVERY_S = 30.0
_LEFT: Mapping[str, Mapping[str, Any]] = {
    RECEIPTS: {},
    CONCERNS: {},
    STOPS: {},
    PERMITS: {},
    WITHDRAWALS: {"state": PROVEN},
}
"""What is deleted of each collection; a proof only once everybody has answered."""


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``erasing``."""
    database = context.client[context.database_name]
    steps = Steps(execute=context.committer.execute)
    return [Job(name="erasing", every_s=_EVERY_S, run=lambda: clear_all(steps, not_cleared(database)))]


def not_cleared(database: Database[dict[str, Any]]) -> Iterator[str]:
    """Give the erased people of whom something is left, all of them: those who wait for an answer hold up nobody."""
    last = ""
    while True:
        query = {"cleared": False, "_id": {"$gt": last}}
        found = [d["_id"] for d in database[PEOPLE].find(query, {"_id": 1}).sort("_id", 1).limit(CHUNK)]
        if not found:
            return
        yield from found
        last = found[-1]


def clear_all(steps: Steps, survivor_ids: Iterable[str]) -> None:
    """Take a step for each of them; one that fails stops no other."""
    for survivor_id in survivor_ids:
        steps.attempt("erasing", partial(clear, survivor_id), aggregate=survivor_id)


def clear(survivor_id: str, work: UnitOfWork) -> Answer:
    """Delete a chunk of each collection; note it once nothing is left."""
    for collection, where in _LEFT.items():
        for document in work.find_where(collection, {"survivor_id": survivor_id, **where}, limit=CHUNK):
            work.delete(collection, document["_id"])
    left = any(work.find_where(collection, {"survivor_id": survivor_id}, limit=1) for collection in _LEFT)
    if not left:
        PersonStore(work).note_cleared(survivor_id)
    return Answer(status=200, ids={"left": left})
