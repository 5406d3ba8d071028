"""What of a kept event may be served today, and how a thing's state grows; pure.

A no wins: an event that says yes is served only while the newest word on that consent is a yes whose year has not
passed, whoever noticed that, nothing of an erased person is served but that they were erased, and of somebody for whom
everything is stopped, or the use of whose record is restricted, only each no.
Shown by tests/unit/integrations/test_store_rules.py.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.case import EpisodeClosed, EpisodeOpened, SafeguardingTaskOpened, SurvivorErased
from shared.contracts.consent import VALIDITY, ConsentStatusChanged, permits
from shared.contracts.public import PUBLIC
from shared.kernel.messages import Event

KEPT = timedelta(days=90)
"""How long an event is kept after it came."""
ERASED_PERSON, NO_LONGER_SO, ASK_THE_FEED = "ERASED", "NO_LONGER_SO", "ASK_THE_FEED"
ALL_STOPPED, USE_RESTRICTED = "STOPPED", "RESTRICTED"
"""Why a position is served without its content: the third where it would wait in a queue, out of our reach, and the
last two while everything is stopped for whom it is about, or the use of their record is restricted."""
YES = frozenset({"GIVEN", "RENEWED"})


@dataclass(frozen=True, kw_only=True)
class StoredEvent:
    """One public event as the store keeps it.

    Attributes:
        id: Unique in the store; the id that every copy of the event bears, and its source.
        position: Gapless in the tenant, from 1; later commits have greater ones.
        subject: The thing that it is about; empty where it is left out.
        survivor_id: Whom it is about, where it is about a survivor.
        sequence: Version of the subject; a state is never replaced by an older one.
        data: The contract's public fields and nothing else; empty where it is left out.
        left_out: ``ERASED``, ``NO_LONGER_SO``, ``STOPPED``, ``RESTRICTED`` or ``ASK_THE_FEED``, where today's consent
            and rights, or the way on which it goes, allow no more than the position.
    """

    id: str
    position: int
    type: str
    source: str
    subject: str
    survivor_id: str | None
    sequence: int
    data: Mapping[str, Any]
    recorded_at: datetime
    kept_at: datetime
    left_out: str | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class State:
    """The newest that is known of one thing.

    Attributes:
        kind: ``episode``, ``consent``, ``survivor``, ``user`` or ``task``.
        type: Of the newest event about it.
        position: Of the last event that changed it here.
    """

    id: str
    kind: str
    subject: str
    survivor_id: str | None
    type: str
    sequence: int
    position: int
    data: Mapping[str, Any]
    version: int = 0


def kind_of(event_type: str) -> str:
    """Name the kind of thing that a public event is about."""
    return PUBLIC[event_type].subject_field.removesuffix("_id")


def state_id(kind: str, subject: str) -> str:
    """Name the document of a thing's state."""
    return f"{kind}/{subject}"


def grown(known: State | None, event: StoredEvent) -> State:
    """Give a thing's state after one more event about it, also where the event is older than what is known."""
    kind = kind_of(event.type)
    older = known is not None and event.sequence < known.sequence
    before: Mapping[str, Any] = known.data if known is not None else {}
    return State(
        id=state_id(kind, event.subject),
        kind=kind,
        subject=event.subject,
        survivor_id=event.survivor_id,
        type=known.type if known is not None and older else event.type,
        sequence=known.sequence if known is not None and older else event.sequence,
        position=event.position,
        # What an older event knew is added where nothing newer said it.
        data={**event.data, **before} if older else {**before, **event.data},
    )


def knows(known: State | None, event: Event) -> bool:
    """Whether what an event says of what stood here before is known already, or something newer about the same.

    Everything from the store's beginning on comes by itself. So a thing of which anything is known is known, but for an
    episode of which only its end came.
    """
    if known is None:
        return False
    if isinstance(event, EpisodeOpened):
        return all(name in known.data for name in event.public_fields)
    if isinstance(event, EpisodeClosed):
        return known.type == EpisodeClosed.event_type
    return True


SAID_ONCE: frozenset[type[Event]] = frozenset({EpisodeOpened, SafeguardingTaskOpened})
"""What happens once to a thing; a second one was told of what stood here before, and takes no position."""


def says_yes(event_type: str, data: Mapping[str, Any]) -> bool:
    """Whether an event permits something."""
    return event_type == ConsentStatusChanged.event_type and data.get("status") in YES


def is_cut_off(event_type: str, data: Mapping[str, Any]) -> bool:
    """Whether an event goes nowhere while everything is stopped, or restricted: all but consent's noes and an erasure.

    One that no contract knows any more goes nowhere either.
    """
    if event_type == SurvivorErased.event_type:
        return False
    known = PUBLIC.get(event_type)
    return known is None or known.source != ConsentStatusChanged.source or says_yes(event_type, data)


def still_yes(event_type: str, data: Mapping[str, Any], at: datetime) -> bool:
    """Whether an event permits something at a moment; a yes that does not say since when counts as a no."""
    try:
        since, until = datetime.fromisoformat(data["effective_at"]), data.get("until")
        # Somebody may say yes for less than a year; an end beyond it is believed of nobody.
        ends = since + VALIDITY if until is None else min(since + VALIDITY, datetime.fromisoformat(until))
        return says_yes(event_type, data) and permits(since, ends, at)
    except (KeyError, TypeError, ValueError, OverflowError):
        return False


def why_left_out(
    event: StoredEvent,
    *,
    erased: Collection[str],
    now_says: Mapping[str, Mapping[str, Any]],
    at: datetime,
    stopped: Collection[str] = (),
    restricted: Collection[str] = (),
) -> str | None:
    """Say why an event is not served today, or None.

    Args:
        event: As it was kept.
        erased: Survivors who were erased.
        now_says: The newest data of each consent, by its id; one that is missing counts as a no.
        at: Business time now.
        stopped: Survivors for whom everything is stopped.
        restricted: Those the use of whose record is restricted.
    """
    if event.left_out is not None:
        return event.left_out
    if event.survivor_id in erased and event.type != SurvivorErased.event_type:
        return ERASED_PERSON
    if event.survivor_id in stopped and is_cut_off(event.type, event.data):
        return ALL_STOPPED
    if event.survivor_id in restricted and is_cut_off(event.type, event.data):
        return USE_RESTRICTED
    if says_yes(event.type, event.data) and not still_yes(event.type, now_says.get(event.subject, {}), at):
        return NO_LONGER_SO
    return None
