"""One request of the feed: from where, waiting or not, and what of it is audited."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

import pymongo
from pymongo.errors import PyMongoError

from services.integrations.feed.waiting import WaitingRoom
from services.integrations.store.reading import EventStore, Reading

_LOOK_WITHIN_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a reader asks for.

    Attributes:
        wait_s: Seconds to wait where nothing fits yet.
    """

    who: str
    after: int
    types: Collection[str] | None
    limit: int
    wait_s: int


def read_or_wait(
    store: EventStore,
    room: WaitingRoom,
    wanted: Wanted,
    *,
    outside: Callable[[Callable[[], bool]], bool],
    leave: Callable[[], bool],
) -> tuple[Reading, bool]:
    """Give what fits after a position, waiting for it if asked to; and whether a place was free to wait at.

    Args:
        store: The store.
        room: Where long polls wait.
        wanted: What is asked for.
        outside: Carries a wait out without the request's own deadline.
        leave: Whether the process drains.

    Raises:
        TooOldError, AheadOfStoreError: See ``EventStore.read``.
    """
    read = partial(store.read, types=wanted.types, limit=wanted.limit)
    found = [read(wanted.after)]
    if found[0].events or not wanted.wait_s:
        return found[0], True

    def fits() -> bool:
        try:
            with pymongo.timeout(_LOOK_WITHIN_S):
                if store.head() == found[0].next:
                    return False
                # Nothing up to ``next`` fits, so what comes after it is all that is left to look at.
                found[0] = read(found[0].next)
        except PyMongoError:
            # A database that is away for a moment ends no wait; the answer after it says where to read on.
            return False
        return bool(found[0].events)

    waited = outside(partial(room.wait, wanted.who, wanted.wait_s, until=fits, leave=leave))
    return found[0], waited
