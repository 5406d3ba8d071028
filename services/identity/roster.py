"""Tells the host's services of its people: each change as it happens, and everybody when the job process starts.

A state that was told before is told again with the same number, so whoever hears it drops it. So a database of the
version before, and one that was restored, are told of without a note of how far one is.
Shown by tests/integration/case/test_staff.py. Source: ADR 0026.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from services.identity.domain import ACTIVE
from shared.contracts.identity import RosterStated, StaffChanged
from shared.kernel.ids import new_id
from shared.outbox.committer import Answer, Command
from shared.outbox.unit_of_work import Document, UnitOfWork

_USERS = "users"
_CHUNK = 100


def staff_changed(document: Document, tenant_id: str) -> StaffChanged:
    """Say what others may know of a user: roles in the organisation itself, and whether they may act."""
    own = {m["role"] for m in document["memberships"] if m["organisation_id"] == tenant_id}
    return StaffChanged(user_id=document["_id"], roles=tuple(sorted(own)), active=document["status"] == ACTIVE)


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
    users: list[dict[str, Any]] = work.find_where(_USERS, {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=_CHUNK)
    for user in users:
        work.record(staff_changed(user, str(work.tenant_id)), sequence=user["version"])
    return Answer(status=200, ids={"people": len(users), "after": users[-1]["_id"] if len(users) == _CHUNK else None})


def _state_end(people: int, work: UnitOfWork) -> Answer:
    work.record(RosterStated(roster_id=new_id(), people=people), sequence=1)
    return Answer(status=200)
