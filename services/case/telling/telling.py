"""Tells integrations once of everything that stood here before it heard anything.

A host that was upgraded is older than its event store, which else would know only what happens from then on.
Promise: each chunk and how far it brought us are one transaction, so a kill at any point is resumed and nothing is told
twice; nobody who was erased is told of; what changes meanwhile is stated by its own command, and the store keeps what
it does not know yet, whichever comes first. Survivors come before their episodes, in the order of their ids.
Shown by tests/integration/integrations/test_telling.py. Source: ADR 0044.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.case.episodes.documents import EPISODES
from services.case.episodes.rules import CLOSED
from services.case.survivors.documents import SURVIVORS, SurvivorStore
from services.case.tasks.documents import TASKS
from services.case.tasks.rules import OPEN
from services.case.telling.documents import (
    EPISODES_NEXT,
    SURVIVORS_NEXT,
    TASKS_NEXT,
    TELLING,
    TELLING_ID,
    TELLINGS,
    TOLD,
    Telling,
)
from shared.contracts.case import EpisodeTold, EverythingTold, SafeguardingTaskOpened, SurvivorTold
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

CHUNK = 100
_COLLECTIONS = {SURVIVORS_NEXT: SURVIVORS, EPISODES_NEXT: EPISODES, TASKS_NEXT: TASKS}
Document = Mapping[str, Any]


class TellOnce:
    """The telling of one tenant."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        self._told = False

    def run(self) -> None:
        """Tell what is left; once everything is told, nothing is read any more.

        Raises:
            TemporarilyUnavailableError: The database is away; the next run goes on from here.
        """
        while not self._told:
            self._told = bool(self._context.committer.execute(Command(run=self._chunk)).ids["told"])

    def _chunk(self, work: UnitOfWork) -> Answer:
        known = work.find(TELLINGS, TELLING_ID)
        telling = Telling(**TELLING.values(known)) if known is not None else Telling()
        if telling.stage == TOLD:
            return Answer(status=200, ids={"told": True})
        where: dict[str, Any] = {"_id": {"$gt": telling.after}}
        if telling.stage == TASKS_NEXT:
            where["state"] = OPEN
        found = work.find_where(_COLLECTIONS[telling.stage], where, sort=[("_id", 1)], limit=CHUNK)
        told = self._tellers[telling.stage](found, work)
        after = telling.past(found[-1]["_id"], told) if len(found) == CHUNK else telling.next_stage(told)
        if after.stage == TOLD:
            work.record(EverythingTold(telling_id=new_id(), things=after.things), sequence=1)
        work.save(TELLINGS, TELLING.document(after))
        return Answer(status=200, ids={"told": after.stage == TOLD})

    @property
    def _tellers(self) -> Mapping[str, Callable[[Sequence[Document], UnitOfWork], int]]:
        return {SURVIVORS_NEXT: self._survivors, EPISODES_NEXT: self._episodes, TASKS_NEXT: _tasks}

    def _survivors(self, found: Sequence[Document], work: UnitOfWork) -> int:
        kept = self._not_erased({document["_id"] for document in found})
        for survivor in found:
            if survivor["_id"] in kept:
                advocates = tuple(sorted(SurvivorStore(work).advocates_of(survivor["_id"])))
                work.record(
                    SurvivorTold(survivor_id=survivor["_id"], advocate_ids=advocates), sequence=survivor["version"]
                )
        return len(kept)

    def _episodes(self, found: Sequence[Document], work: UnitOfWork) -> int:
        kept = self._not_erased({document["survivor_id"] for document in found})
        # Of a referral of which support has not begun nobody outside this service hears.
        theirs = [episode for episode in found if episode["survivor_id"] in kept and episode.get("begun", True)]
        for episode in theirs:
            told = EpisodeTold(
                episode_id=episode["_id"],
                survivor_id=episode["survivor_id"],
                advocate_id=episode["advocate_id"],
                nation_of_support=episode["nation"],
                ended=episode["status"] == CLOSED,
            )
            work.record(told, sequence=episode["version"])
        return len(theirs)

    def _not_erased(self, survivor_ids: set[str]) -> set[str]:
        """Who has a key; of whom it was destroyed, other systems learn nothing any more."""
        return set(self._context.survivor_keys.find_many(survivor_ids))


def _tasks(found: Sequence[Document], work: UnitOfWork) -> int:
    # Nobody but integrations hears it, and it keeps each task once.
    for task in found:
        opened = SafeguardingTaskOpened(task_id=task["_id"], kind=task["kind"], nation=task["nation"])
        work.record(opened, sequence=1)
    return len(found)
