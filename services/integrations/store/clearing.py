"""Deletes from the store: what is past its 90 days, from the oldest on, and what is left of erased people.

Promise: the oldest position that is kept is committed before anything below it is deleted, so a reader who comes too
late is told so, and never meets a gap. A kill at any moment is mended by the next run.
Shown by tests/integration/integrations/test_clearing.py.
"""

from functools import partial

from services.integrations.store.documents import ERASED, ERASURE, EVENT, EVENTS, FLOOR, POSITION, POSITIONS, STATES
from services.integrations.store.keeping import blank, event_from
from services.integrations.store.reading import EventStore
from services.integrations.store.rules import KEPT
from shared.contracts.case import SurvivorErased
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

CHUNK = 500


def give_up_old(context: ServiceContext) -> int:
    """Give up everything that came more than 90 days ago; give the oldest position that is left."""
    cutoff = context.clock.now() - KEPT
    oldest = EventStore(context).position_at(cutoff) + 1
    context.committer.execute(Command(run=partial(_raise_floor, oldest)))
    database = context.client[context.database_name]
    # The note of an erasure is needed as long as anything older than it may still come.
    database[ERASED].delete_many({"cleared": True, "at": {"$lt": cutoff}})
    while True:
        old = [row["_id"] for row in database[EVENTS].find({"position": {"$lt": oldest}}, {"_id": 1}).limit(CHUNK)]
        if not old:
            return oldest
        database[EVENTS].delete_many({"_id": {"$in": old}})


def _raise_floor(oldest: int, work: UnitOfWork) -> Answer:
    known = work.find(POSITIONS, FLOOR) or {"_id": FLOOR, "position": 1}
    if oldest > known["position"]:
        work.save(POSITIONS, POSITION.changed(known, position=oldest))
    return Answer(status=200)


def clear_erased(context: ServiceContext) -> int:
    """Take out of events and states what they still hold of erased people; give how many people were cleared."""
    database = context.client[context.database_name]
    cleared = 0
    for note in database[ERASED].find({"cleared": False}).limit(CHUNK):
        while context.committer.execute(Command(run=partial(_clear_some, note["_id"]))).ids["left"]:
            pass
        cleared += 1
    return cleared


def _clear_some(survivor_id: str, work: UnitOfWork) -> Answer:
    """Clear one chunk; the note says ``cleared`` only once nothing is left."""
    states = work.find_where(STATES, {"survivor_id": survivor_id}, limit=CHUNK)
    for state in states:
        work.delete(STATES, state["_id"])
    where = {"survivor_id": survivor_id, "type": {"$ne": SurvivorErased.event_type}}
    events = work.find_where(EVENTS, where, limit=CHUNK)
    for document in events:
        work.replace(EVENTS, {**EVENT.document(blank(event_from(document))), "version": document["version"]})
    left = CHUNK in (len(events), len(states))
    if not left:
        work.replace(ERASED, ERASURE.changed(work.get(ERASED, survivor_id), cleared=True))
    return Answer(status=200, ids={"left": left})
