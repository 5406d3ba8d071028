"""Appends to the store inside the transaction that heard the fact: an event, its position, and what it changed.

Every append writes the one document ``head``, so appends come one after the other whoever makes them: a position is
given in the commit and none is missing below it. Shown by tests/integration/integrations/test_store.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.integrations.store.documents import (
    ERASED,
    ERASURE,
    EVENT,
    EVENTS,
    HEAD,
    POSITION,
    POSITIONS,
    RESTRICTED,
    STATE,
    STATES,
    STOPPED,
)
from services.integrations.store.rules import ERASED_PERSON, State, StoredEvent, grown, kind_of, state_id
from shared.contracts.case import SurvivorErased
from shared.contracts.public import SURVIVOR, thin
from shared.kernel.messages import Event, Received
from shared.outbox.unit_of_work import UnitOfWork


def append(received: Received[Any], work: UnitOfWork) -> StoredEvent:
    """Keep one public fact at the next position; of an erased person only the position."""
    event: Event = received.event
    known = work.find(POSITIONS, HEAD) or {"_id": HEAD, "position": 0, "kept_at": None}
    latest = [at for at in (known["kept_at"], work.now, received.recorded_at) if at is not None]
    kept = StoredEvent(
        id=f"{received.event_id}/{event.source}",
        position=known["position"] + 1,
        type=event.event_type,
        source=event.source,
        subject=event.subject,
        survivor_id=getattr(event, SURVIVOR, None),
        sequence=received.sequence,
        data=thin(event),
        recorded_at=received.recorded_at,
        kept_at=max(latest),
    )
    if isinstance(event, SurvivorErased):
        _note_erasure(work, event.survivor_id)
    elif kept.survivor_id is not None and work.find(ERASED, kept.survivor_id) is not None:
        kept = blank(kept)
    work.insert(EVENTS, EVENT.document(kept))
    since = known.get("since") or kept.kept_at
    work.save(POSITIONS, POSITION.changed(known, position=kept.position, kept_at=kept.kept_at, since=since))
    if kept.left_out is None:
        _grow(work, kept)
    return kept


def needs(event: Event) -> list[tuple[str, str]]:
    """Name the documents that an append reads, so that a batch reads them at once."""
    wanted = [(POSITIONS, HEAD), (STATES, state_id(kind_of(event.event_type), event.subject))]
    survivor_id = getattr(event, SURVIVOR, None)
    return wanted if survivor_id is None else [*wanted, (ERASED, survivor_id)]


def blank(event: StoredEvent) -> StoredEvent:
    """Give what remains of an event about somebody who was erased: that something was there."""
    return replace(event, subject="", survivor_id=None, data={}, left_out=ERASED_PERSON)


def state_from(document: Mapping[str, Any]) -> State:
    """Read a state."""
    return State(**STATE.values(document))


def event_from(document: Mapping[str, Any]) -> StoredEvent:
    """Read an event."""
    return StoredEvent(**EVENT.values(document))


def _grow(work: UnitOfWork, event: StoredEvent) -> None:
    known = work.find(STATES, state_id(kind_of(event.type), event.subject))
    if event.type == SurvivorErased.event_type:
        return
    work.save(STATES, STATE.document(grown(state_from(known) if known is not None else None, event)))


def _note_erasure(work: UnitOfWork, survivor_id: str) -> None:
    if work.find(ERASED, survivor_id) is None:
        work.insert(ERASED, {**ERASURE.changed({"_id": survivor_id}, at=work.now, cleared=False)})
        work.delete(STOPPED, survivor_id)
        work.delete(RESTRICTED, survivor_id)
