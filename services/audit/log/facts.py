"""Audit hears what every service says was done or read, and keeps it; and who was erased, and lets go of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.audit.log.documents import ENTRIES, ENTRY, ERASED, ERASED_PERSON, ERASURE
from services.audit.log.leaves import draw_salts, salted_leaf
from services.audit.tree.keeping import keep_batch
from shared.bus.topology import topology_of
from shared.contracts.case import SurvivorErased
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
    actor_salt: bytes | None = None
    object_salt: bytes | None = None
    standing: str | None = None
    found: int | None = None


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear every service of the vhost, and of erasures where there are survivors."""
    services = topology_of(context.tenant_id).services
    heard = [hears(AUDITS[service], keep_actions, preload=needs) for service in services]
    return [*heard, hears(SurvivorErased, note_erasure)] if "case" in services else heard


def needs(event: AuditRecorded) -> Iterator[tuple[str, str]]:
    """Name the notes of erasures that a batch may meet."""
    return ((ERASED, one) for one in {action.object_id for action in event.actions})


def keep_actions(received: Received[AuditRecorded], work: UnitOfWork) -> None:
    """Keep one entry for each action of a batch, in order, and the batch's leaves for the tree."""
    event = received.event
    salts = draw_salts(2 * len(event.actions))
    leaves = []
    for position, action in enumerate(event.actions):
        gone = work.find(ERASED, action.object_id) is not None
        entry = Entry(
            id=f"{event.batch_id}-{position:04d}",
            service=event.source,
            action=action.action,
            actor_id=action.actor_id,
            role=action.role,
            object_id=ERASED_PERSON if gone else action.object_id,
            outcome=action.outcome,
            at=action.at,
            count=action.count,
            recorded_at=received.recorded_at,
            order=event_id_us(event.batch_id),
            updated_at=work.now,
            actor_salt=salts[2 * position],
            object_salt=None if gone else salts[2 * position + 1],
            standing=action.standing,
            found=action.found,
        )
        document = ENTRY.document(entry)
        work.insert(ENTRIES, document)
        said = {**document, "id": entry.id, "object_id": action.object_id}
        leaves.append(salted_leaf(said, salts[2 * position], salts[2 * position + 1]))
    keep_batch(work, event.batch_id, leaves)


def note_erasure(received: Received[SurvivorErased], work: UnitOfWork) -> None:
    """Note whose id must go out of the entries; a job takes it out."""
    if work.find(ERASED, received.event.survivor_id) is None:
        work.insert(ERASED, {"_id": received.event.survivor_id, **ERASURE.changed({}, at=work.now, cleared=False)})
