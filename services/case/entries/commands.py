"""What may be added to an episode; ids are made by the caller, so that a repeat is the same command."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from services.case.entries.documents import ENTRIES, ENTRY
from services.case.entries.rules import FIELDS, OUTCOMES, Entry
from services.case.episodes.documents import EPISODES
from services.case.episodes.errors import EpisodeClosedError
from services.case.episodes.states import ENDED
from services.case.survivors.documents import SurvivorStore
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class AddEntry(DomainCommand):
    """Base of what is added, of one kind now.

    Attributes:
        said: What it says, by the names in ``FIELDS`` of its kind; what is missing or None is not stored.
    """

    kind: ClassVar[str]
    episode_id: str
    survivor_id: str
    entry_id: str
    said: Mapping[str, Any]

    @property
    def object_id(self) -> str:
        """The episode's id."""
        return self.episode_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The episode, and the survivor whose turn it takes."""
        return frozenset({self.episode_id, self.survivor_id})


class AddOutcome(AddEntry):
    """How far something is reached."""

    action: ClassVar[str] = "case:episode:outcomes"
    kind: ClassVar[str] = OUTCOMES


def add_entry(command: AddEntry, work: UnitOfWork) -> Answer:
    """Add one entry.

    Raises:
        DocumentMissingError, EpisodeClosedError: Nothing is added.
    """
    episode = work.get(EPISODES, command.episode_id)
    # Somebody may be closing it at this moment: one of the two comes after the other.
    SurvivorStore(work).take_turn(episode["survivor_id"])
    if episode["status"] in ENDED:
        raise EpisodeClosedError(command.episode_id)
    entry = Entry(
        id=command.entry_id,
        episode_id=command.episode_id,
        kind=command.kind,
        recorded_at=work.now,
        updated_at=work.now,
        **{name: command.said.get(name) for name in FIELDS[command.kind]},
    )
    work.insert(ENTRIES, ENTRY.document(entry))
    return Answer(status=201, ids={"id": command.entry_id, "version": 1})
