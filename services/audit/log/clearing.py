"""Takes the ids of erased people, and the salts that could tell them, out of the entries; the tree's leaves stay.

Whose record an id was part of, who worked with them, and what their paper left out go whole.

Promise: whatever was under way when the erasure was heard is cleared too: a note counts as done only once it has been
cleared later than anything begun before it can be committed. A kill at any moment is mended by the next run.
Shown by tests/integration/audit/test_audit_erasures.py.
Limit: copies of the database from before hold the random id still; what it named opens no more, since the survivor's
own key is gone (docs/decisions/0050-an-audit-log-that-an-outsider-can-verify.md).
"""

from datetime import datetime
from functools import partial
from typing import Any

from services.audit.log.documents import ENTRIES, ERASED, ERASED_PERSON, ERASURE
from services.audit.papers.documents import WITHHOLDINGS
from services.audit.whose.documents import PEOPLE, THINGS
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.listing import OVERLAP

CHUNK = 500


def clear_erased(context: ServiceContext) -> int:
    """Clear the entries about people of whose erasure was heard; give how many people are done."""
    database = context.client[context.database_name]
    done = 0
    for note in database[ERASED].find({"cleared": False}).limit(CHUNK):
        begun = context.clock.now()
        while context.committer.execute(Command(run=partial(_clear_some, note["_id"]))).ids["left"]:
            pass
        done += context.committer.execute(Command(run=partial(_close, note["_id"], begun))).ids["cleared"]
    return done


def _clear_some(survivor_id: str, work: UnitOfWork) -> Answer:
    found = work.find_where(ENTRIES, {"object_id": survivor_id}, limit=CHUNK)
    for document in found:
        work.replace(ENTRIES, _without(document))
    left = len(found) == CHUNK
    for collection in (THINGS, WITHHOLDINGS):
        theirs = work.find_where(collection, {"survivor_id": survivor_id}, limit=CHUNK)
        for document in theirs:
            work.delete(collection, document["_id"])
        left = left or len(theirs) == CHUNK
    work.delete(PEOPLE, survivor_id)
    return Answer(status=200, ids={"left": left})


def _close(survivor_id: str, begun: datetime, work: UnitOfWork) -> Answer:
    note = work.get(ERASED, survivor_id)
    cleared = begun > note["at"] + OVERLAP
    if cleared:
        work.replace(ERASED, ERASURE.changed(note, cleared=True))
    return Answer(status=200, ids={"cleared": int(cleared)})


def _without(document: dict[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in document.items() if name != "object_salt"}, "object_id": ERASED_PERSON}
