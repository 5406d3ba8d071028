"""Tells the host's services of its people: each change as it happens, and everybody when its jobs start.

A state that was told before is told again with the same number, so whoever hears it drops it. So a database of the
version before, and one that was restored, are told of without a note of how far one is.
Shown by tests/integration/case/test_staff.py. Source: ADR 0026.
"""

from collections.abc import Callable
from functools import partial

from services.identity.people.documents import UserStore, staff_changed
from shared.contracts.identity import RosterStated
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork

_CHUNK = 100


def state_roster(execute: Callable[[Command], Answer]) -> int:
    """Tell of everybody, a chunk a transaction, and then that it was everybody; give how many.

    Raises:
        TemporarilyUnavailableError: The database is away; the next run begins anew.
    """
    after: str | None = ""
    people = 0
    while after is not None:
        answer = execute(Command(run=partial(_state_chunk, after)))
        people += answer.ids["people"]
        after = answer.ids["after"]
    execute(Command(run=partial(_state_end, people)))
    return people


def _state_chunk(after: str, work: UnitOfWork) -> Answer:
    users = UserStore(work).next_after(after, _CHUNK)
    for user in users:
        work.record(staff_changed(user, str(work.tenant_id)), sequence=user.version)
    return Answer(status=200, ids={"people": len(users), "after": users[-1].id if len(users) == _CHUNK else None})


def _state_end(people: int, work: UnitOfWork) -> Answer:
    work.record(RosterStated(roster_id=new_id(), people=people), sequence=1)
    return Answer(status=200)
