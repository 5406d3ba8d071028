"""Reads the store by position: whoever serves integrators (feed, webhooks, queues) reads here and nowhere else.

Promise: ``read`` gives every position from ``after + 1`` to ``next`` that fits, in order, none twice and none left
out unsaid; what may not be served today stands there as *left out*, with its reason. What was given up for its age
is an error and never a silent gap. Shown by tests/integration/integrations/test_store.py.
Limit: a no that consent recorded and this service has not yet heard does not count here yet;
``Bounds.complete_through`` says up to when everything was heard.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pymongo.read_concern import ReadConcern

from services.integrations.store.documents import ERASED, EVENTS, FLOOR, HEAD, POSITIONS, RESTRICTED, STATES, STOPPED
from services.integrations.store.keeping import blank, event_from
from services.integrations.store.rules import StoredEvent, kind_of, says_yes, state_id, why_left_out
from shared.contracts.consent import ConsentStatusChanged
from shared.contracts.public import SOURCES
from shared.kernel.errors import GoneError, InvalidInputError
from shared.runtime.context import ServiceContext

MOST = 500
"""Events a reading at most."""
STREAMS = "streams"
"""How far each source was heard, as the consumer itself keeps it."""
_CONSENT = kind_of(ConsentStatusChanged.event_type)


class TooOldError(GoneError):
    """What was asked for is older than what is kept; HTTP 410. Take a snapshot and go on from its position.

    Attributes:
        oldest: The oldest position that is kept.
    """

    code = "events-too-old"

    def __init__(self, oldest: int) -> None:
        """Say how to go on."""
        super().__init__(
            f"Events before position {oldest} are no longer kept (90 days). Take GET /v1/events/snapshot, then read on "
            "after the position that it gives."
        )
        self.oldest = oldest


class AheadOfStoreError(InvalidInputError):
    """A position is greater than any that was given; perhaps it is another tenant's, or this store was restored."""

    code = "position-ahead"

    def __init__(self, head: int) -> None:
        """Say how far the store goes."""
        super().__init__(
            f"The newest position is {head}. A cursor beyond it is not from here; seek, or take a snapshot."
        )


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How far the store goes.

    Attributes:
        oldest: The oldest position that is kept; ``head + 1`` where nothing is.
        head: The newest position; 0 where nothing ever came.
        complete_through: Business time up to which everything public that was recorded is here; None: not yet known.
    """

    oldest: int
    head: int
    complete_through: datetime | None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Some consecutive part of the store.

    Attributes:
        next: Read on after this position; ``events`` holds all that fits up to it.
    """

    events: Sequence[StoredEvent]
    next: int
    bounds: Bounds

    @property
    def lag(self) -> int:
        """How many positions are left to read."""
        return self.bounds.head - self.next


def complete_through(streams: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Give up to when everything public is here, of how far each source was heard; None where that is not known."""
    marked = {row["_id"]: row.get("applied_through") for row in streams}
    through = [marked.get(source) for source in SOURCES]
    known = [at for at in through if at is not None]
    return min(known) if len(known) == len(through) else None


def has_everything_told(told_at: datetime | None, streams: Iterable[Mapping[str, Any]]) -> bool:
    """Whether what stood here before this service is here, given when case had told of all of it.

    Then consent must have heard all that case had told by then, and this service all that either said of it.
    """
    if told_at is None:
        return False
    through = {row["_id"]: row for row in streams}
    by_case = through.get("case", {}).get("applied_through")
    by_consent = through.get("consent", {}).get("source_applied", {}).get("case")
    return all(at is not None and at >= told_at for at in (by_case, by_consent))


class EventStore:
    """The store as its readers see it; may be used by many threads."""

    def __init__(self, context: ServiceContext) -> None:
        """Take integrations' own database, of which only what a majority has is ever read, and the business clock."""
        database = context.client[context.database_name]
        self._database = database.with_options(read_concern=ReadConcern("majority"))
        self._now = context.clock.now

    def head(self) -> int:
        """Give the newest position; cheap enough to be asked often."""
        found = self._database[POSITIONS].find_one({"_id": HEAD}, {"position": 1})
        return int(found["position"]) if found is not None else 0

    def bounds(self) -> Bounds:
        """Give how far the store goes now."""
        # Before the head: so whatever it counts lies at or below the head.
        through = complete_through(self._database[STREAMS].find())
        return Bounds(oldest=self._oldest(), head=self.head(), complete_through=through)

    def read(self, after: int, *, types: Collection[str] | None = None, limit: int = MOST) -> Reading:
        """Give what comes after a position.

        Args:
            after: Position of the last event that the reader has; 0 for the very beginning.
            types: Only these event types; None for all.
            limit: Events at most.

        Raises:
            TooOldError: Something after that position was given up for its age.
            AheadOfStoreError: No such position was ever given.
        """
        bounds = self.bounds()
        if after > bounds.head:
            raise AheadOfStoreError(bounds.head)
        self._refuse_older(after)
        # Everything up to the head is committed, so that nothing can come in between any more.
        where: dict[str, Any] = {"position": {"$gt": after, "$lte": bounds.head}}
        if types is not None:
            where["type"] = {"$in": sorted(types)}
        most = max(1, min(limit, MOST))
        found = self._database[EVENTS].find(where).sort("position", 1).limit(most)
        events = [event_from(document) for document in found]
        # Once more, as the oldest may have been given up while we read.
        self._refuse_older(after)
        through = events[-1].position if len(events) == most else bounds.head
        return Reading(events=self._as_of_today(events), next=through, bounds=bounds)

    def position_at(self, instant: datetime) -> int:
        """Give the position after which everything lies that was recorded at or after an instant."""
        # The head comes first: what is appended meanwhile lies behind it, and after the answer.
        head = self.head()
        found = self._database[EVENTS].find_one({"kept_at": {"$gte": instant}}, sort=[("kept_at", 1), ("position", 1)])
        return int(found["position"]) - 1 if found is not None else head

    def _oldest(self) -> int:
        found = self._database[POSITIONS].find_one({"_id": FLOOR}, {"position": 1})
        return int(found["position"]) if found is not None else 1

    def _refuse_older(self, after: int) -> None:
        oldest = self._oldest()
        if after + 1 < oldest:
            raise TooOldError(oldest)

    def _as_of_today(self, events: Sequence[StoredEvent]) -> list[StoredEvent]:
        survivors = {event.survivor_id for event in events if event.survivor_id is not None}
        consents = {event.subject for event in events if says_yes(event.type, event.data)}
        erased = {row["_id"] for row in self._found(ERASED, survivors)}
        stopped = {row["_id"] for row in self._found(STOPPED, survivors)}
        restricted = {row["_id"] for row in self._found(RESTRICTED, survivors) if row["holds"]}
        states = self._found(STATES, (state_id(_CONSENT, subject) for subject in consents))
        now_says: Mapping[str, Mapping[str, Any]] = {row["subject"]: row["data"] for row in states}
        served, at = [], self._now()
        for event in events:
            why = why_left_out(event, erased=erased, now_says=now_says, at=at, stopped=stopped, restricted=restricted)
            served.append(event if why is None else replace(blank(event), left_out=why))
        return served

    def _found(self, collection: str, ids: Any) -> list[dict[str, Any]]:
        wanted = sorted(ids)
        return list(self._database[collection].find({"_id": {"$in": wanted}})) if wanted else []
