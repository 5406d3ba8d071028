"""Integrations hears what contracts declare public, and nothing else."""

from services.integrations.store.keeping import append, needs
from shared.contracts.case import SurvivorAssigned
from shared.contracts.identity import StaffChanged
from shared.contracts.public import PUBLIC
from shared.kernel.messages import Event, Received
from shared.outbox.hearings import Hearing
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

WHOLE_STATES: frozenset[type[Event]] = frozenset({StaffChanged, SurvivorAssigned})
"""Each is the whole state and is told again now and then: what was told before takes no position."""


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear every public event."""
    del context
    return [
        Hearing(event=cls, handle=keep, order="latest" if cls in WHOLE_STATES else "any_order", preload=needs)
        for cls in PUBLIC.values()
    ]


def keep(received: Received[Event], work: UnitOfWork) -> None:
    """Append one public fact."""
    append(received, work)
