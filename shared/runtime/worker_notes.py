"""What the processes of a service say of themselves in its database, so that the api and doctor know who works.

A process notes every half minute, by the server's clock, which kinds of work it holds and which of its parts are down.
Promise: whoever reads is never told that somebody works who has said nothing for two minutes
(tests/integration/operator/test_same_facts.py). The notes hold kinds and names of parts, nothing else.
"""

import platform
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pymongo
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from shared.kernel.clock import real_now
from shared.kernel.errors import AlongsideError
from shared.kernel.tenancy import couriers_service
from shared.runtime.context import ServiceContext
from shared.runtime.place import Place
from shared.runtime.probe import PartNote
from shared.telemetry.logs import get_logger

EVERY_S = 30.0
MOST_ENDS = 3
"""A part that waits to be started again after so many ends is taken for down."""

_COLLECTION = "relay"
_PREFIX = "process:"
_WITHIN_S = 5.0
_KEPT = timedelta(days=1)

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class WorkerNote:
    """What one process said last.

    Attributes:
        age_s: How long ago, by the server's clock.
        kinds: Of work that it holds.
        down: Names of its parts of this service that are down.
    """

    age_s: float
    kinds: frozenset[str]
    down: tuple[str, ...]


def parts_down(notes: Mapping[str, PartNote], service: str, *, courier_too: bool) -> tuple[str, ...]:
    """Name the parts of a service that stay down, or that end again and again."""
    own = {name for name in notes if name.endswith(f"-{service}") or (courier_too and name == "courier")}
    return tuple(
        sorted(
            name
            for name in own
            if notes[name].down is not None or (notes[name].waits and notes[name].restarts >= MOST_ENDS)
        )
    )


def write_note(database: Database[dict[str, Any]], kinds: Sequence[str], down: Sequence[str]) -> None:
    """Say that this process works now.

    Raises:
        PyMongoError: It could not be said.
    """
    collection = database[_COLLECTION]
    name = f"{_PREFIX}{'+'.join(sorted(kinds))}@{platform.node()}"
    with pymongo.timeout(_WITHIN_S):
        said = {"kinds": sorted(kinds), "down": list(down)}
        collection.update_one({"_id": name}, {"$set": said, "$currentDate": {"seen_at": True}}, upsert=True)
        if "relay" in kinds:
            # Of machines that are gone; the courier's own user may not delete.
            gone = {"_id": {"$regex": f"^{_PREFIX}"}, "seen_at": {"$lt": real_now() - _KEPT}}
            collection.delete_many(gone)


def read_notes(database: Database[dict[str, Any]]) -> list[WorkerNote]:
    """Give what each process of a service said last.

    Raises:
        PyMongoError: The database cannot be asked.
    """
    collection: Collection[dict[str, Any]] = database[_COLLECTION]
    stages: list[dict[str, Any]] = [
        {"$match": {"_id": {"$regex": f"^{_PREFIX}"}}},
        {"$set": {"age_ms": {"$subtract": ["$$NOW", "$seen_at"]}}},
    ]
    return [
        WorkerNote(age_s=note["age_ms"] / 1000, kinds=frozenset(note["kinds"]), down=tuple(note["down"]))
        for note in collection.aggregate(stages)
    ]


def silence_s(notes: Iterable[WorkerNote], needed: Iterable[str], *, up_s: float) -> float:
    """Give for how long the quietest needed kind of work has said nothing; ``up_s`` where it never did."""
    found = list(notes)
    ages = [min((note.age_s for note in found if kind in note.kinds), default=up_s) for kind in needed]
    return max([0.0, *ages])


class Noting:
    """Notes how one process stands, in the database of each of its services."""

    def __init__(self, place: Place, kinds: Sequence[str], notes: Callable[[], Mapping[str, PartNote]]) -> None:
        """Take what the process is made of; nothing is opened yet.

        Args:
            place: Whose services these are.
            kinds: Of work that the process holds.
            notes: How its parts stand now.
        """
        self._place = place
        self._kinds = kinds
        self._notes = notes

    def run(self, asked: threading.Event) -> None:
        """Note every half minute until asked to stop."""
        while not asked.is_set():
            self.note()
            asked.wait(EVERY_S)

    def note(self) -> None:
        """Note once; a service whose credentials or database are not there stays silent, which is seen too."""
        alone = next((kind for kind in self._kinds if kind != "courier"), None)
        services = self._place.services if alone is not None else (couriers_service(self._place.tenant_id),)
        for service in filter(None, services):
            try:
                self._note(service, self._place.context(alone or "courier", service))
            except (PyMongoError, AlongsideError) as error:
                log.warning("a process could not note how it stands", service=service, error_class=type(error).__name__)

    def _note(self, service: str, context: ServiceContext) -> None:
        database = context.client[context.database_name]
        with pymongo.timeout(_WITHIN_S):
            marker = database["marker"].find_one({"_id": "marker"}) or {}
        if (marker.get("tenant_id"), marker.get("service")) != (context.tenant_id, service):
            return  # Whoever is in the wrong place writes nothing there.
        carries = "courier" in self._kinds and service == couriers_service(self._place.tenant_id)
        write_note(database, self._kinds, parts_down(self._notes(), service, courier_too=carries))
