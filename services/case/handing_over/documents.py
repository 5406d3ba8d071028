"""Hand-overs, one document for each person of a move; notes, which nobody can write over and whose words are sealed."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pymongo import IndexModel

from services.case.days import read_day, write_day
from services.case.handing_over.rules import COVER, MOST_READ, OVER, WAITING, Handover, Note, handover_of
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

Days = tuple[date | None, date | None]
FOR_GOOD: Days = (None, None)
"""The first and the last day of what is no cover."""
HANDOVERS, NOTES = "handovers", "handover_notes"
HANDOVER = DocumentType(
    collection=HANDOVERS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="move_id", holds=Holds.ID),
        Field(name="kind", holds=Holds.CODE),
        Field(name="from_id", holds=Holds.ID),
        Field(name="to_id", holds=Holds.ID),
        Field(name="state", holds=Holds.CODE),
        # Days of the host's own rota, not of a survivor's life.
        Field(name="first_on", holds=Holds.INSTANT, write=write_day, read=read_day),
        Field(name="last_on", holds=Holds.INSTANT, write=write_day, read=read_day),
        Field(name="given_at", holds=Holds.INSTANT),
        Field(name="read_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("last_on", 1), ("given_at", 1)]),
        IndexModel([("to_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("to_id", 1), ("state", 1), ("last_on", 1), ("given_at", 1)]),
        IndexModel([("survivor_id", 1), ("given_at", -1)]),
        IndexModel([("move_id", 1), ("state", 1)]),
    ),
)
NOTE = DocumentType(
    collection=NOTES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="part_of", holds=Holds.ID),
        Field(name="words", holds=Holds.STORY, sealed=True),
        Field(name="corrects", holds=Holds.ID),
        Field(name="taken_back", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("survivor_id", 1), ("updated_at", 1), ("_id", 1)]),),
    append_only=True,
)
TYPES = (HANDOVER, NOTE)


class HandoverStore:
    """Hand-overs in the transaction of the move that they come with, which writes each person's document too."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, handover_id: str) -> Handover:
        """Give a hand-over; ``DocumentMissingError`` if there is none."""
        return handover_from(self._work.get(HANDOVERS, handover_id))

    def save(self, handover: Handover) -> int:
        """Write a hand-over's next version; give it."""
        self._work.replace(HANDOVERS, {**HANDOVER.document(handover), "version": handover.version})
        return handover.version + 1

    def waiting_of(self, survivor_ids: Collection[str]) -> list[Handover]:
        """Give what nobody has read yet, of many people in one query."""
        where = {"survivor_id": {"$in": list(survivor_ids)}, "state": WAITING}
        return [handover_from(one) for one in self._work.find_where(HANDOVERS, where)]

    def end_from(self, waiting: Collection[Handover], advocate_id: str) -> None:
        """End, of hand-overs that wait, what somebody has to read no more who has the people no more.

        With them goes whoever covers for them.
        """
        for one in waiting:
            if one.to_id == advocate_id or (one.kind == COVER and one.from_id == advocate_id):
                self._end(one)

    def end_move(self, move_id: str) -> None:
        """End what nobody has read yet of a cover that ends; it has no more people than a move."""
        for one in self._work.find_where(HANDOVERS, {"move_id": move_id, "state": WAITING}):
            self._end(handover_from(one))

    def begin(
        self,
        survivor_id: str,
        *,
        move_id: str,
        kind: str,
        from_id: str,
        to_id: str,
        days: Days = FOR_GOOD,
    ) -> None:
        """Keep that somebody was handed over; it waits to be read."""
        handover = Handover(
            id=handover_of(move_id, survivor_id),
            survivor_id=survivor_id,
            move_id=move_id,
            kind=kind,
            from_id=from_id,
            to_id=to_id,
            first_on=days[0],
            last_on=days[1],
            given_at=self._work.now,
            updated_at=self._work.now,
        )
        self._work.insert(HANDOVERS, HANDOVER.document(handover))

    def _end(self, handover: Handover) -> None:
        self.save(replace(handover, state=OVER, updated_at=self._work.now))


class NoteStore:
    """Notes about one person, in whose turn they are written."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def of_survivor(self, survivor_id: str) -> list[Note]:
        """Give all that was written about somebody, what was replaced too."""
        found = self._work.find_where(NOTES, {"survivor_id": survivor_id}, limit=MOST_READ)
        return [note_from(one, self._sealer) for one in found]

    def add(self, note: Note) -> None:
        """Keep a note."""
        self._work.insert(NOTES, NOTE.document(note, seal=self._sealer.sealing(note.survivor_id)))


def handover_from(document: Mapping[str, Any]) -> Handover:
    """Read a hand-over's document."""
    return Handover(**HANDOVER.values(document))


def note_from(document: Mapping[str, Any], sealer: Sealer) -> Note:
    """Read a note's document."""
    return Note(**NOTE.values(document, opened=sealer.opening(document["survivor_id"])))
