"""What stood at the host before this service was there: told once, and kept as the public events that it stands for.

Promise: what the store knows already, or knows something newer of, takes no position; nothing is kept of somebody who
was erased. Shown by tests/integration/integrations/test_telling.py. Source: ADR 0044.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from services.integrations.store.documents import ERASED, HEAD, POSITION, POSITIONS, STATES
from services.integrations.store.keeping import append, state_from
from services.integrations.store.rules import kind_of, knows, state_id
from shared.contracts.case import (
    EpisodeClosed,
    EpisodeOpened,
    EpisodeTold,
    EverythingTold,
    SurvivorAssigned,
    SurvivorTold,
)
from shared.contracts.consent import ConsentStatusChanged, StatusTold
from shared.kernel.messages import Event, Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork

_NO_REASON = "NOT_TOLD"
"""In place of a closure reason, which no integrator is shown."""
Fact = tuple[Event, int]
"""A public event and its place among those of its thing."""


def told_hearings() -> list[Hearing]:
    """Hear what stood here before."""
    facts: Mapping[type[Event], Callable[[Any, int], Iterator[Fact]]] = {
        SurvivorTold: _survivor,
        EpisodeTold: _episode,
        StatusTold: _status,
    }

    def keeper(facts_of: Callable[[Any, int], Iterator[Fact]]) -> Callable[[Received[Any], UnitOfWork], None]:
        def keep(received: Received[Any], work: UnitOfWork) -> None:
            _keep(received, facts_of(received.event, received.sequence), work)

        return keep

    kept = [Hearing(event=cls, handle=keeper(facts_of), preload=_reads) for cls, facts_of in facts.items()]
    return [*kept, hears(EverythingTold, note_everything)]


def note_everything(received: Received[EverythingTold], work: UnitOfWork) -> None:
    """Note that everything was told; a second telling after a restore changes nothing about the first."""
    known = work.find(POSITIONS, HEAD) or {"_id": HEAD, "position": 0, "kept_at": None}
    if known.get("told_at") is None:
        work.save(POSITIONS, POSITION.changed(known, told_at=received.recorded_at))


def _keep(received: Received[Any], facts: Iterator[Fact], work: UnitOfWork) -> None:
    if work.find(ERASED, received.event.survivor_id) is not None:
        # Who was erased meanwhile: what never had a position here needs none.
        return
    for number, (event, sequence) in enumerate(facts):
        known = work.find(STATES, state_id(kind_of(event.event_type), event.subject))
        if knows(state_from(known) if known is not None else None, event):
            continue
        # Two of one message would else have one id in the store.
        event_id = received.event_id if number == 0 else f"{received.event_id}-{number}"
        append(replace(received, event=event, event_id=event_id, sequence=sequence), work)


def _survivor(told: SurvivorTold, sequence: int) -> Iterator[Fact]:
    yield SurvivorAssigned(survivor_id=told.survivor_id, advocate_ids=told.advocate_ids), sequence


def _episode(told: EpisodeTold, sequence: int) -> Iterator[Fact]:
    opened = EpisodeOpened(
        episode_id=told.episode_id,
        survivor_id=told.survivor_id,
        advocate_id=told.advocate_id,
        nation_of_support=told.nation_of_support,
    )
    yield opened, 1
    if told.ended:
        ended = EpisodeClosed(episode_id=told.episode_id, survivor_id=told.survivor_id, closure_reason=_NO_REASON)
        yield ended, sequence


def _status(told: StatusTold, sequence: int) -> Iterator[Fact]:
    status = ConsentStatusChanged(
        consent_id=told.consent_id,
        survivor_id=told.survivor_id,
        purpose=told.purpose,
        status=told.status,
        effective_at=told.effective_at,
        until=told.until,
        recipient_class=told.recipient_class,
    )
    yield status, sequence


def _reads(event: Any) -> Iterator[tuple[str, str]]:
    kind = {SurvivorTold: "survivor", EpisodeTold: "episode", StatusTold: "consent"}[type(event)]
    yield POSITIONS, HEAD
    yield STATES, state_id(kind, event.subject)
    yield ERASED, event.survivor_id
