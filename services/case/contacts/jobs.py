"""The job that brings over contacts of the version before, which were entries of an episode without a day.

Promise: each becomes one contact of the same id, with no day, no words and no author, since nobody said them.
Shown by tests/integration/case/test_contacts.py.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.case.contacts.documents import CONTACT, CONTACTS
from services.case.contacts.rules import Contact
from services.case.entries.bringing import bring, job_of
from services.case.entries.rules import CONTACTS as OLD_KIND
from shared.outbox.commands import Answer, Command
from shared.runtime.context import Job, ServiceContext

_TOLD = ("id", "episode_id", "mode", "interpreter", "minutes", "recorded_at")


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job."""
    return [job_of(context, "contacts-of-before", bring_over)]


def bring_over(execute: Callable[[Command], Answer]) -> int:
    """Bring over what is left; give how many.

    Raises:
        TemporarilyUnavailableError: The database is away; the next run goes on.
    """
    return bring(execute, kind=OLD_KIND, into=CONTACTS, made=_made)


def _made(entry: Mapping[str, Any], survivor_id: str, now: datetime) -> Mapping[str, Any]:
    contact = Contact(survivor_id=survivor_id, updated_at=now, **{name: entry[name] for name in _TOLD})
    # Nothing of it is known that would need a key, so also of an erased person nothing more is kept.
    return CONTACT.document(contact, seal=dict)
