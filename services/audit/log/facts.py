"""Audit hears what every service says was done or read, and keeps it."""

from dataclasses import dataclass
from datetime import datetime

from services.audit.log.documents import ENTRIES, ENTRY
from shared.bus.topology import topology_of
from shared.contracts.marks import AUDITS, AuditRecorded
from shared.kernel.ids import event_id_us
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One action; its id is the batch's and its place in it, so a repeat is the same entry."""

    id: str
    service: str
    action: str
    actor_id: str
    role: str
    object_id: str
    outcome: str
    at: datetime
    count: int | None
    recorded_at: datetime
    order: int
    updated_at: datetime


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear every service of the vhost."""
    services = topology_of(context.tenant_id).services
    return [hears(AUDITS[service], keep_actions) for service in services]


def keep_actions(received: Received[AuditRecorded], work: UnitOfWork) -> None:
    """Append one entry for each action of a batch, in order."""
    event = received.event
    for position, action in enumerate(event.actions):
        entry = Entry(
            id=f"{event.batch_id}-{position:04d}",
            service=event.source,
            action=action.action,
            actor_id=action.actor_id,
            role=action.role,
            object_id=action.object_id,
            outcome=action.outcome,
            at=action.at,
            count=action.count,
            recorded_at=received.recorded_at,
            order=event_id_us(event.batch_id),
            updated_at=work.now,
        )
        work.insert(ENTRIES, ENTRY.document(entry))
