"""What is known of the NRM, one document an entry; everything that it says is sealed, and nobody can write over one.

A stage beside a random id says of somebody more than a mode of contact does, and nothing has to be looked for by it; so
nothing of it stands in clear, and an erasure leaves nothing of it that anybody could read (ADR 0057).
"""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.case.episodes.documents import EPISODES, episode_from
from services.case.nrm.deadlines import nation_of
from services.case.nrm.errors import NrmCorrectedError, TooMuchOfTheNrmError
from services.case.nrm.rules import Entry, next_id
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

MOST, MOST_READ = 100, 300
"""First writings are taken up to the one, corrections up to the other; far more than anybody's NRM has."""
MOST_EPISODES = 200

NRM_ENTRIES = "nrm_entries"
NRM_ENTRY = DocumentType(
    collection=NRM_ENTRIES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="stage", holds=Holds.STORY, sealed=True),
        Field(name="on", holds=Holds.IDENTITY, sealed=True),
        Field(name="told_on", holds=Holds.IDENTITY, sealed=True),
        Field(name="told_by", holds=Holds.STORY, sealed=True),
        Field(name="authority", holds=Holds.STORY, sealed=True),
        Field(name="note", holds=Holds.STORY, sealed=True),
        Field(name="corrects", holds=Holds.ID),
        Field(name="why", holds=Holds.CODE),
        Field(name="taken_back", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="first_id", holds=Holds.ID, shown=False),
        Field(name="first_at", holds=Holds.INSTANT, shown=False),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("survivor_id", 1), ("updated_at", 1), ("_id", 1)]),),
    append_only=True,
)
TYPES = (NRM_ENTRY,)


class NrmStore:
    """What is known of one survivor's NRM, in whose turn it is written."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def get(self, entry_id: str, survivor_id: str) -> Entry:
        """Give an entry of a survivor, before anything of it is opened: another person's have another key.

        Raises:
            DocumentMissingError: They have none of this id.
        """
        document = self._work.get(NRM_ENTRIES, entry_id)
        if document["survivor_id"] != survivor_id:
            raise DocumentMissingError(NRM_ENTRIES)
        return entry_from(document, self._sealer)

    def all_of(self, survivor_id: str) -> list[Entry]:
        """Give everything that was written down of a survivor."""
        found = self._work.find_where(NRM_ENTRIES, {"survivor_id": survivor_id}, limit=MOST_READ)
        return [entry_from(document, self._sealer) for document in found]

    def nation_of(self, survivor_id: str) -> str | None:
        """Give the nation in which a survivor is supported; None where it is none of the four."""
        found = self._work.find_where(EPISODES, {"survivor_id": survivor_id}, limit=MOST_EPISODES)
        return nation_of(episode_from(document, self._sealer) for document in found)

    def add(self, entry: Entry) -> None:
        """Keep a first writing.

        Raises:
            TooMuchOfTheNrmError: More is written down already than may be.
        """
        self._check_room(entry.survivor_id, MOST)
        self._insert(entry)

    def replace(self, before: Entry, now: Entry) -> None:
        """Keep a correction beside what it corrects.

        Raises:
            NrmCorrectedError: There is one already.
            TooMuchOfTheNrmError: More is written down already than may be.
        """
        if self._work.find(NRM_ENTRIES, next_id(before.id)) is not None:
            raise NrmCorrectedError
        self._check_room(before.survivor_id, MOST_READ)
        self._insert(now)

    def _check_room(self, survivor_id: str, most: int) -> None:
        if len(self._work.find_where(NRM_ENTRIES, {"survivor_id": survivor_id}, limit=most)) >= most:
            raise TooMuchOfTheNrmError(most)

    def _insert(self, entry: Entry) -> None:
        self._work.insert(NRM_ENTRIES, NRM_ENTRY.document(entry, seal=self._sealer.sealing(entry.survivor_id)))


def entry_from(document: Mapping[str, Any], sealer: Sealer) -> Entry:
    """Read an entry's document."""
    return Entry(**NRM_ENTRY.values(document, opened=sealer.opening(document["survivor_id"])))
