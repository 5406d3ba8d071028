"""The job that brings over contacts of the version before, which were entries of an episode without a day.

Promise: each becomes one contact of the same id, with no day, no words and no author, since nobody said them; the entry
stays for processes of that version, which may still run and write beside this one. Shown by
tests/integration/case/test_contacts.py.
"""

from collections.abc import Callable

from services.case.contacts.documents import CONTACT, CONTACTS
from services.case.contacts.rules import Contact
from services.case.entries.documents import ENTRIES, ENTRY
from services.case.entries.rules import CONTACTS as OLD_KIND
from services.case.episodes.documents import EPISODES
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext

EVERY_S = 30.0
_CHUNK = 100


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job."""

    def run() -> None:
        bring_over(context.committer.execute)

    return [Job(name="contacts-of-before", every_s=EVERY_S, run=run)]


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
    work.preload(CONTACTS, (one["_id"] for one in entries))
    for entry in entries:
        episode = work.find(EPISODES, entry["episode_id"])
        if episode is not None and work.find(CONTACTS, entry["_id"]) is None:
            values = ENTRY.values(entry)
            told = {name: values[name] for name in ("episode_id", "mode", "interpreter", "minutes")}
            contact = Contact(
                id=entry["_id"],
                survivor_id=episode["survivor_id"],
                recorded_at=values["recorded_at"],
                updated_at=work.now,
                **told,
            )
            # Nothing of it is known that would need a key, so also of an erased person nothing more is kept.
            work.insert(CONTACTS, CONTACT.document(contact, seal=dict))
        work.replace(ENTRIES, ENTRY.changed(entry, brought_over=True))
    return Answer(status=200, ids={"brought": len(entries)})
