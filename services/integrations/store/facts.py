"""Integrations hears what contracts declare public, once what stood here before, and whose events are held back.

They are held back while everything is stopped for somebody, or the use of their record is restricted.
"""

from collections.abc import Iterable
from typing import Any

from services.integrations.store.documents import ERASED, RESTRICTED, RESTRICTION, STATES, STOPPAGE, STOPPED
from services.integrations.store.keeping import append, needs, state_from
from services.integrations.store.rules import SAID_ONCE, kind_of, knows, state_id
from services.integrations.store.telling import told_hearings
from shared.contracts.case import SurvivorAssigned
from shared.contracts.consent import EverythingStopped
from shared.contracts.identity import StaffChanged
from shared.contracts.public import PUBLIC
from shared.contracts.restriction import ProcessingRestricted, RestrictionLifted
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
    restricted = [
        hears(ProcessingRestricted, note_restricted, preload=_restriction_reads),
        hears(RestrictionLifted, note_lifted, preload=_restriction_reads),
    ]
    return [*public, *told_hearings(), stopped, *restricted]


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


def note_restricted(received: Received[ProcessingRestricted], work: UnitOfWork) -> None:
    """Note that the use of somebody's record is restricted."""
    _note_restriction(received.event.survivor_id, received, work, holds=True)


def note_lifted(received: Received[RestrictionLifted], work: UnitOfWork) -> None:
    """Note that it is restricted no longer."""
    _note_restriction(received.event.survivor_id, received, work, holds=False)


def _note_restriction(survivor_id: str, received: Received[Any], work: UnitOfWork, *, holds: bool) -> None:
    known = work.find(RESTRICTED, survivor_id) or {"_id": survivor_id, "sequence": 0}
    if work.find(ERASED, survivor_id) is None and received.sequence > known["sequence"]:
        noted = RESTRICTION.changed(known, holds=holds, sequence=received.sequence, at=received.recorded_at)
        work.save(RESTRICTED, noted)


def _restriction_reads(event: ProcessingRestricted | RestrictionLifted) -> Iterable[tuple[str, str]]:
    yield RESTRICTED, event.survivor_id
    yield ERASED, event.survivor_id


def _stop_reads(event: EverythingStopped) -> Iterable[tuple[str, str]]:
    yield STOPPED, event.survivor_id
    yield ERASED, event.survivor_id


def _is_known(event: Event, work: UnitOfWork) -> bool:
    known = work.find(STATES, state_id(kind_of(event.event_type), event.subject))
    return known is not None and knows(state_from(known), event)
