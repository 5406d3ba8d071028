"""The job that states who may act on survivors of whom it was never stated: of the version before, and of imports.

Their advocates are those of their episodes. Consent hears of them by it, and so knows that they exist.
Shown by tests/integration/case/test_who_may_act.py.
"""

from collections.abc import Callable

from services.case.episodes.documents import EPISODES
from services.case.survivors.documents import SURVIVORS, SurvivorStore
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork

_CHUNK = 100


def state_assignments(execute: Callable[[Command], Answer]) -> int:
    """State the set of every survivor who has none stated, a chunk a transaction; give how many.

    Raises:
        TemporarilyUnavailableError: The database is away; the next run goes on.
    """
    stated, more = 0, True
    while more:
        found = int(execute(Command(run=_state_chunk)).ids["stated"])
        stated += found
        more = found == _CHUNK
    return stated


def _state_chunk(work: UnitOfWork) -> Answer:
    # A missing field is found by None, through the index.
    survivors = [d["_id"] for d in work.find_where(SURVIVORS, {"advocate_ids": None}, limit=_CHUNK)]
    advocates: dict[str, set[str]] = {survivor_id: set() for survivor_id in survivors}
    for episode in work.find_where(EPISODES, {"survivor_id": {"$in": survivors}}) if survivors else ():
        if episode["advocate_id"] is not None:
            advocates[episode["survivor_id"]].add(episode["advocate_id"])
    for survivor_id, ids in advocates.items():
        SurvivorStore(work).assign(survivor_id, ids)
    return Answer(status=200, ids={"stated": len(survivors)})
