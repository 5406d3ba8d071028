"""The job that brings over goals of the version before, which were entries of an episode with an area alone.

Promise: each becomes one goal of the same id, with no words and without who set it, since nobody said so; the entry
stays for processes of that version, which may still run beside this one. Shown by tests/integration/case/test_goals.py.
"""

from collections.abc import Callable

from services.case.entries.documents import ENTRIES, ENTRY
from services.case.entries.rules import GOALS as OLD_KIND
from services.case.episodes.documents import EPISODES
from services.case.goals.documents import GOAL, GOALS
from services.case.goals.rules import Goal
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext

EVERY_S = 30.0
_CHUNK = 100


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job."""

    def run() -> None:
        bring_over(context.committer.execute)

    return [Job(name="goals-of-before", every_s=EVERY_S, run=run)]


def bring_over(execute: Callable[[Command], Answer]) -> int:
    """Bring over what is left, a chunk a transaction; give how many.

    Raises:
        TemporarilyUnavailableError: The database is away; the next run goes on.
    """
    brought, more = 0, True
    while more:
        found = int(execute(Command(run=_bring_chunk)).ids["brought"])
        brought += found
        more = found == _CHUNK
    return brought


def _bring_chunk(work: UnitOfWork) -> Answer:
    # A missing field is found by None, through the index.
    entries = work.find_where(ENTRIES, {"kind": OLD_KIND, "brought_over": None}, limit=_CHUNK)
    work.preload(EPISODES, (one["episode_id"] for one in entries))
    work.preload(GOALS, (one["_id"] for one in entries))
    for entry in entries:
        episode = work.find(EPISODES, entry["episode_id"])
        if episode is not None and work.find(GOALS, entry["_id"]) is None:
            values = ENTRY.values(entry)
            goal = Goal(
                id=entry["_id"],
                survivor_id=episode["survivor_id"],
                episode_id=values["episode_id"],
                area=values["area"],
                recorded_at=values["recorded_at"],
                updated_at=work.now,
            )
            # No word of it is known that would need a key, so also of an erased person nothing more is kept.
            work.insert(GOALS, GOAL.document(goal, seal=dict))
        work.replace(ENTRIES, ENTRY.changed(entry, brought_over=True))
    return Answer(status=200, ids={"brought": len(entries)})
