"""Integrations hears what contracts declare public, once what stood here before, and for whom everything is stopped."""

from collections.abc import Iterable

from services.integrations.store.documents import ERASED, STATES, STOPPAGE, STOPPED
from services.integrations.store.keeping import append, needs, state_from
from services.integrations.store.rules import SAID_ONCE, kind_of, knows, state_id
from services.integrations.store.telling import told_hearings
from shared.contracts.case import SurvivorAssigned
from shared.contracts.consent import EverythingStopped
from shared.contracts.identity import StaffChanged
from shared.contracts.public import PUBLIC
from shared.kernel.messages import Event, Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

WHOLE_STATES: frozenset[type[Event]] = frozenset({StaffChanged, SurvivorAssigned})
"""Each is the whole state and is told again now and then: what was told before takes no position."""


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear every public event."""
    del context
    public = [
        Hearing(event=cls, handle=keep, order="latest" if cls in WHOLE_STATES else "any_order", preload=needs)
        for cls in PUBLIC.values()
    ]
    stopped = hears(EverythingStopped, note_stop, order="latest", preload=_stop_reads)
    return [*public, *told_hearings(), stopped]


def keep(received: Received[Event], work: UnitOfWork) -> None:
    """Append one public fact, but for one that is said once of its thing and is known."""
    event = received.event
    if type(event) in SAID_ONCE and _is_known(event, work):
        return
    append(received, work)


def note_stop(received: Received[EverythingStopped], work: UnitOfWork) -> None:
    """Note for whom everything is stopped, or no longer; of whoever was erased nothing is noted."""
    survivor_id = received.event.survivor_id
    if not received.event.is_stopped or work.find(ERASED, survivor_id) is not None:
        work.delete(STOPPED, survivor_id)
    elif work.find(STOPPED, survivor_id) is None:
        work.insert(STOPPED, STOPPAGE.changed({"_id": survivor_id}, at=received.recorded_at))


def _stop_reads(event: EverythingStopped) -> Iterable[tuple[str, str]]:
    yield STOPPED, event.survivor_id
    yield ERASED, event.survivor_id


def _is_known(event: Event, work: UnitOfWork) -> bool:
    known = work.find(STATES, state_id(kind_of(event.event_type), event.subject))
    return known is not None and knows(state_from(known), event)
