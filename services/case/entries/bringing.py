"""Brings entries of the version before into collections of their own, a chunk a transaction.

Promise: each becomes one document of the same id, with no more than was said, unless it has to be sealed and whoever it
is about was erased; the entry stays for processes of that
version, which may still run and write beside this one. Shown by tests/integration/case/test_contacts.py and
tests/integration/case/test_goals.py.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from services.case.entries.documents import ENTRIES, ENTRY
from services.case.episodes.documents import EPISODES
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext

EVERY_S = 30.0
_CHUNK = 100

Made = Callable[[Mapping[str, Any], str, datetime], Mapping[str, Any] | None]
"""Gives the new document of an entry's values, whose survivor it is about, and when; None where it may not be kept."""


def job_of(context: ServiceContext, name: str, bring_over: Callable[[Callable[[Command], Answer]], int]) -> Job:
    """Give the job that brings over, under a name."""

    def run() -> None:
        bring_over(context.committer.execute)

    return Job(name=name, every_s=EVERY_S, run=run)


def bring(execute: Callable[[Command], Answer], *, kind: str, into: str, made: Made) -> int:
    """Bring over what is left of a kind of entries; give how many.

    Raises:
        TemporarilyUnavailableError: The database is away; the next run goes on.
    """
    chunk = partial(_bring_chunk, kind=kind, into=into, made=made)
    brought, more = 0, True
    while more:
        found = int(execute(Command(run=chunk)).ids["brought"])
        brought += found
        more = found == _CHUNK
    return brought


def _bring_chunk(work: UnitOfWork, *, kind: str, into: str, made: Made) -> Answer:
    # A missing field is found by None, through the index.
    entries = work.find_where(ENTRIES, {"kind": kind, "brought_over": None}, limit=_CHUNK)
    work.preload(EPISODES, (one["episode_id"] for one in entries))
    work.preload(into, (one["_id"] for one in entries))
    for entry in entries:
        episode = work.find(EPISODES, entry["episode_id"])
        if episode is not None and work.find(into, entry["_id"]) is None:
            values = {"id": entry["_id"], **ENTRY.values(entry)}
            document = made(values, episode["survivor_id"], work.now)
            if document is not None:
                work.insert(into, dict(document))
        work.replace(ENTRIES, ENTRY.changed(entry, brought_over=True))
    return Answer(status=200, ids={"brought": len(entries)})
