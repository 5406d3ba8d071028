"""Stops, one document each; that one stands is kept in the person's own document, which every decision writes."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.consent.stops.rules import OPEN, Stop
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

STOPS = "stops"
STOP = DocumentType(
    collection=STOPS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="asked_by", holds=Holds.ID),
        Field(name="asked_role", holds=Holds.CODE),
        Field(name="asked_at", holds=Holds.INSTANT),
        Field(name="due_at", holds=Holds.INSTANT),
        Field(name="ended", holds=Holds.ID, write=list, read=tuple),
        Field(name="waiting", holds=Holds.ID, write=list, read=tuple),
        Field(name="dropped", holds=Holds.COUNT),
        Field(name="state", holds=Holds.CODE),
        Field(name="why", holds=Holds.CODE),
        Field(name="lifted_by", holds=Holds.ID),
        Field(name="lifted_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("due_at", 1)]),
        IndexModel([("survivor_id", 1), ("asked_at", -1)]),
    ),
)
TYPES = (STOP,)


def stop_from(document: Mapping[str, Any]) -> Stop:
    """Read a stop's document."""
    return Stop(**STOP.values(document))


class StopStore:
    """Stops in one transaction; written in the person's turn."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, stop_id: str) -> Stop:
        """Give a stop; ``DocumentMissingError`` if there is none."""
        return stop_from(self._work.get(STOPS, stop_id))

    def find(self, stop_id: str) -> Stop | None:
        """Give a stop, or None."""
        document = self._work.find(STOPS, stop_id)
        return None if document is None else stop_from(document)

    def standing(self, survivor_id: str) -> Stop | None:
        """Give the one that stands of a person, or None."""
        found = self._work.find_where(STOPS, {"survivor_id": survivor_id, "state": OPEN}, limit=1)
        return stop_from(found[0]) if found else None

    def add(self, stop: Stop) -> None:
        """Keep a new one."""
        self._work.insert(STOPS, STOP.document(stop))

    def save(self, stop: Stop) -> int:
        """Write what is new of one, unless nothing is; give its version."""
        known = self._work.get(STOPS, stop.id)
        if stop_from(known) == stop:
            return stop.version
        self._work.replace(STOPS, {**known, **STOP.document(stop), "updated_at": self._work.now})
        return stop.version + 1
