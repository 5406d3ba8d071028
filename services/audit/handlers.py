"""Keeps what every service says was done or read."""

from services.audit.store import append
from shared.contracts.marks import AuditRecorded
from shared.kernel.messages import Received
from shared.outbox.unit_of_work import UnitOfWork


def keep_actions(received: Received, work: UnitOfWork) -> None:
    """Append one entry for each action of a batch, in order."""
    event = received.event
    if not isinstance(event, AuditRecorded):
        raise TypeError(type(event).__name__)
    for position, action in enumerate(event.actions):
        append(
            work,
            service=event.source,
            batch_id=event.batch_id,
            position=position,
            action=action,
            recorded_at=received.recorded_at,
        )
