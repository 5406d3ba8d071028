"""Documents that are never written over, and the three commands that every kind of them has.

One piece for outcomes, entitlements, needs and risks: each says its fields, its codes and its own check. The writing,
the correction and the taking back are carried out in the survivor's turn (ADR 0017). Shown by
tests/integration/case/test_outcomes.py and tests/integration/case/test_case_races.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic

from pymongo import IndexModel

from services.case.contacts.rules import Writer, next_id
from services.case.days import read_day, write_day
from services.case.episodes.documents import EPISODES, of_episode
from services.case.episodes.errors import EpisodeClosedError
from services.case.episodes.states import ENDED
from services.case.outcomes.errors import AlreadyCorrectedError
from services.case.outcomes.kept import K
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork


def kept_type(collection: str, *own: Field) -> DocumentType:
    """Declare documents that are never written over."""
    return DocumentType(
        collection=collection,
        fields=(
            Field(name="survivor_id", holds=Holds.ID, shown=False),
            Field(name="episode_id", holds=Holds.ID, shown=False),
            *own,
            Field(name="corrects", holds=Holds.ID),
            Field(name="why", holds=Holds.CODE),
            Field(name="taken_back", holds=Holds.CODE),
            Field(name="actor_id", holds=Holds.ID),
            Field(name="role", holds=Holds.CODE),
            Field(name="first_recorded_at", holds=Holds.INSTANT),
            Field(name="recorded_at", holds=Holds.INSTANT),
            Field(name="updated_at", holds=Holds.INSTANT, shown=False),
        ),
        indexes=(
            IndexModel([("episode_id", 1), ("updated_at", 1), ("_id", 1)]),
            IndexModel([("survivor_id", 1), ("recorded_at", -1)]),
        ),
        append_only=True,
    )


def sealed_day(name: str) -> Field:
    """Declare an exact day of somebody's life, which is sealed."""
    return Field(name=name, holds=Holds.IDENTITY, sealed=True, write=write_day, read=read_day)


@dataclass(frozen=True, kw_only=True)
class KeptKind(Generic[K]):
    """One kind of what is kept.

    Attributes:
        make: The class whose fields the documents hold.
        check: Refuses what cannot be right, in the command's own transaction.
    """

    stored: DocumentType
    make: type[K]
    check: Callable[[K, UnitOfWork], None]

    def read(self, document: Mapping[str, Any], sealer: Sealer) -> K:
        """Read a document."""
        return self.make(**self.stored.values(document, opened=sealer.opening(document["survivor_id"])))


class KeptStore(Generic[K]):
    """What is kept of one survivor, in whose turn it is written."""

    def __init__(self, work: UnitOfWork, sealer: Sealer, kind: KeptKind[K]) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer
        self._kind = kind

    def get(self, kept_id: str, episode_id: str) -> K:
        """Give one of an episode.

        Raises:
            DocumentMissingError: That episode has none of this id.
        """
        return self._kind.read(of_episode(self._work, self._name, kept_id, episode_id), self._sealer)

    def add(self, one: K) -> None:
        """Keep a first writing.

        Raises:
            AlongsideError: What the kind's own check refuses.
        """
        self._kind.check(one, self._work)
        self._work.insert(self._name, self._kind.stored.document(one, seal=self._sealer.sealing(one.survivor_id)))

    def replace(self, before: K, now: K) -> None:
        """Keep a correction beside what it corrects.

        Raises:
            AlreadyCorrectedError: There is one already.
            AlongsideError: What the kind's own check refuses.
        """
        if self._work.find(self._name, next_id(before.id)) is not None:
            raise AlreadyCorrectedError
        self.add(now)

    @property
    def _name(self) -> str:
        return self._kind.stored.collection


@dataclass(frozen=True, kw_only=True)
class OnKept(DomainCommand):
    """Base of what is done to something that is kept of an episode; ids are made by the caller.

    Attributes:
        actor_id, role: Who does it.
    """

    kind: ClassVar[KeptKind[Any]]
    episode_id: str
    survivor_id: str
    kept_id: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The episode, of which audit knows whose it is: so it stands on their own paper of who saw their record."""
        return self.episode_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The episode, and the survivor whose turn it takes."""
        return frozenset({self.episode_id, self.survivor_id})

    def writer(self, work: UnitOfWork) -> Writer:
        """Give who writes it, and when."""
        return Writer(actor_id=self.actor_id, role=self.role, at=work.now)


@dataclass(frozen=True, kw_only=True)
class WriteKept(OnKept):
    """Something is written down; several of one conversation at once are all kept or none is.

    Attributes:
        written: What each says, by its id; the first is ``kept_id``.
    """

    written: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class CorrectKept(OnKept):
    """Something was written wrongly.

    Attributes:
        said: What is right, by field; what is missing or blank stays as it is.
        cleared: Fields whose content is taken away.
    """

    said: Mapping[str, Any]
    cleared: frozenset[str]
    why: str


@dataclass(frozen=True, kw_only=True)
class TakeKeptBack(OnKept):
    """It should not have been written at all."""

    why: str


def write_kept(command: WriteKept, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write it down.

    Raises:
        DocumentMissingError, EpisodeClosedError, DayInFutureError: Nothing is written.
    """
    episode = work.get(EPISODES, command.episode_id)
    # Somebody may be closing it at this moment: one of the two comes after the other.
    SurvivorStore(work).take_turn(episode["survivor_id"])
    if episode["status"] in ENDED:
        raise EpisodeClosedError(command.episode_id)
    store = KeptStore(work, sealer, command.kind)
    for kept_id, said in command.written.items():
        by = command.writer(work)
        store.add(command.kind.make.written(kept_id, episode["survivor_id"], command.episode_id, said, by))
    return Answer(status=201, ids={"id": command.kept_id, "version": 1})


def correct_kept(command: CorrectKept, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write it as it should have been, also after support has ended; what stood there stays to be seen.

    Raises:
        DocumentMissingError, WrittenByAnotherError, AlreadyCorrectedError, DayInFutureError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store = KeptStore(work, sealer, command.kind)
    before = store.get(command.kept_id, command.episode_id)
    now = before.corrected(command.said, command.cleared, why=command.why, by=command.writer(work))
    store.replace(before, now)
    return Answer(status=201, ids={"id": now.id, "version": 1})


def take_kept_back(command: TakeKeptBack, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Take it back, also after support has ended; what stood there stays to be seen.

    Raises:
        DocumentMissingError, WrittenByAnotherError, AlreadyCorrectedError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store = KeptStore(work, sealer, command.kind)
    before = store.get(command.kept_id, command.episode_id)
    now = before.withdrawn(why=command.why, by=command.writer(work))
    store.replace(before, now)
    return Answer(status=201, ids={"id": now.id, "version": 1})
