"""The host says how many people an advocate supports at most; it stops nobody, it is shown."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.caseload.documents import LIMITS, THE_LIMIT, limits
from services.case.caseload.rules import Limit
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class StateLimit(DomainCommand):
    """The host says how many people an advocate supports at most."""

    action: ClassVar[str] = "case:caseload:limit"
    people: int | None
    actor_id: str

    @property
    def object_id(self) -> str:
        """The one limit of the host."""
        return THE_LIMIT


def state_limit(command: StateLimit, work: UnitOfWork) -> Answer:
    """Keep the host's limit; it stops nobody, it is shown."""
    store = limits(work)
    known = store.find(THE_LIMIT)
    if known is None:
        store.add(Limit(id=THE_LIMIT, people=command.people, stated_by=command.actor_id, updated_at=work.now))
    else:
        store.change(THE_LIMIT, people=command.people, stated_by=command.actor_id, updated_at=work.now)
    version = int(work.get(LIMITS, THE_LIMIT)["version"])
    return Answer(status=200, ids={"id": THE_LIMIT, "version": version})
