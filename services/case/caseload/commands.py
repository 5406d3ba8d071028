"""What a supervisor may ask of the team's caseload; ids are made by the caller, so that a repeat is the same command.

Whatever is done for a person is written into that person's document, so that it comes before or after everything else
about them: a closing, another move, a contact of the advocate who had them.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.case.caseload.documents import moves
from services.case.caseload.errors import CoverEndedError, NobodyToMoveError, SameAdvocateError
from services.case.caseload.rules import (
    ACTS_ALREADY,
    COVER,
    GIVE,
    MOST_COVERS,
    MOVED,
    NOT_THEIRS,
    RESTRICTED,
    TOO_MANY_COVERS,
    Move,
    Result,
    check_days,
)
from services.case.episodes.documents import EPISODE, EPISODES
from services.case.handing_over.documents import FOR_GOOD, Days, HandoverStore
from services.case.survivors.covers import Cover
from services.case.survivors.documents import SURVIVORS, StaffStore, SurvivorStore
from shared.codelists.periods import london_day
from shared.kernel.messages import AuditIntent
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import Document, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class MovePeople(DomainCommand):
    """Base of what is done for several people of one advocate.

    Attributes:
        from_id: The advocate who has them.
        to_id: The advocate who takes over.
        survivor_ids: Who; each is judged alone.
        known_ids: Those of them who are here and were not erased.
        more: Whether this advocate has others besides, for whom it is to be asked again.
        actor_id, role: The supervisor.
    """

    move_id: str
    from_id: str
    to_id: str
    survivor_ids: tuple[str, ...]
    known_ids: frozenset[str]
    more: bool
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The move; each person stands in a line of its own."""
        return self.move_id

    @property
    def aggregates(self) -> frozenset[str]:
        """Every person of them."""
        return frozenset(self.survivor_ids)


@dataclass(frozen=True, kw_only=True)
class GivePeople(MovePeople):
    """People are another advocate's from now on."""

    action: ClassVar[str] = "case:caseload:give"


def give_people(command: GivePeople, work: UnitOfWork) -> Answer:
    """Give people to another advocate, with those of their episodes that name the one before.

    Whom that one does not have any more is left alone, and the others are given all the same.

    Raises:
        NotAnAdvocateError, SameAdvocateError, NobodyToMoveError: Nothing changes.
    """
    survivors = _ready(command, work)
    theirs = _episodes(command, work)
    handovers = HandoverStore(work)
    unread = handovers.waiting_of(command.survivor_ids)

    def give(survivor_id: str) -> str:
        known = survivors.advocates_of(survivor_id)
        if command.from_id not in known:
            return NOT_THEIRS
        survivors.assign(survivor_id, (known - {command.from_id}) | {command.to_id})
        for episode in theirs[survivor_id]:
            work.replace(EPISODES, EPISODE.changed(episode, advocate_id=command.to_id, updated_at=work.now))
        handovers.end_from([one for one in unread if one.survivor_id == survivor_id], command.from_id)
        _hand_over(survivor_id, command, work, GIVE)
        return MOVED

    return _kept(command, work, GIVE, _results(command, give, survivors))


@dataclass(frozen=True, kw_only=True)
class CoverPeople(MovePeople):
    """Another advocate may act on people while one is absent; who is absent may act too."""

    action: ClassVar[str] = "case:caseload:cover"
    first_on: date
    last_on: date


def cover_people(command: CoverPeople, work: UnitOfWork) -> Answer:
    """Let another advocate act on people from a first day to a last one.

    Raises:
        NotAnAdvocateError, SameAdvocateError, NobodyToMoveError, CoverDaysError: Nothing changes.
    """
    survivors, today = _ready(command, work), london_day(work.now)
    check_days(command.first_on, command.last_on, today)
    cover = Cover(
        cover_id=command.move_id,
        by=command.to_id,
        instead_of=command.from_id,
        first_on=command.first_on,
        last_on=command.last_on,
    )

    def add(survivor_id: str) -> str:
        known = survivors.advocates_of(survivor_id)
        if command.from_id not in known:
            return NOT_THEIRS
        if command.to_id in known:
            return ACTS_ALREADY
        covers = [one for one in survivors.covers_of(survivor_id) if one.last_on >= today]
        if len(covers) >= MOST_COVERS:
            return TOO_MANY_COVERS
        survivors.cover(survivor_id, (*covers, cover))
        _hand_over(survivor_id, command, work, COVER, (command.first_on, command.last_on))
        return MOVED

    return _kept(command, work, COVER, _results(command, add, survivors), days=(command.first_on, command.last_on))


@dataclass(frozen=True, kw_only=True)
class EndCover(DomainCommand):
    """A cover ends before its last day."""

    action: ClassVar[str] = "case:caseload:end-cover"
    move_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The move."""
        return self.move_id


def end_cover(command: EndCover, work: UnitOfWork) -> Answer:
    """End a cover for everybody whom it covers, from this moment on.

    Raises:
        DocumentMissingError: There is none.
        CoverEndedError: It is over already, or was never one.
    """
    store, survivors = moves(work), SurvivorStore(work)
    move = store.get(command.move_id)
    if not move.is_open(london_day(work.now)):
        raise CoverEndedError
    # A cover of no more people than a move has (``MOST_AT_ONCE``).
    for document in work.find_where(SURVIVORS, {"covers.cover_id": command.move_id}):
        covers = survivors.covers_of(document["_id"])
        survivors.cover(document["_id"], [one for one in covers if one.cover_id != command.move_id])
    HandoverStore(work).end_move(move.id)
    store.change(move.id, ended_by=command.actor_id, ended_at=work.now, updated_at=work.now)
    return Answer(status=200, ids={"id": move.id, "version": move.version + 1})


def _ready(command: MovePeople, work: UnitOfWork) -> SurvivorStore:
    if command.from_id == command.to_id:
        raise SameAdvocateError
    if not command.survivor_ids:
        raise NobodyToMoveError
    StaffStore(work).check_advocates((command.to_id,))
    survivors = SurvivorStore(work)
    survivors.load(command.survivor_ids)
    return survivors


def _results(command: MovePeople, act: Callable[[str], str], survivors: SurvivorStore) -> tuple[Result, ...]:
    def judged(survivor_id: str) -> str:
        if survivor_id not in command.known_ids:
            return NOT_THEIRS
        return RESTRICTED if survivors.is_restricted(survivor_id) else act(survivor_id)

    return tuple(Result(survivor_id=one, result=judged(one)) for one in dict.fromkeys(command.survivor_ids))


def _episodes(command: GivePeople, work: UnitOfWork) -> Mapping[str, list[Document]]:
    """Give the episodes that name the one before, also ended ones: nobody else could read them any more."""
    theirs = {"survivor_id": {"$in": list(command.survivor_ids)}, "advocate_id": command.from_id}
    found: dict[str, list[Document]] = defaultdict(list)
    for episode in work.find_where(EPISODES, theirs):
        found[episode["survivor_id"]].append(episode)
    return found


def _hand_over(survivor_id: str, command: MovePeople, work: UnitOfWork, kind: str, days: Days = FOR_GOOD) -> None:
    HandoverStore(work).begin(
        survivor_id, move_id=command.move_id, kind=kind, from_id=command.from_id, to_id=command.to_id, days=days
    )
    work.audit(
        AuditIntent(
            action=command.action,
            actor_id=command.actor_id,
            role=command.role,
            object_id=survivor_id,
            outcome="ALLOWED",
            at=work.now,
        )
    )


def _kept(
    command: MovePeople,
    work: UnitOfWork,
    kind: str,
    results: tuple[Result, ...],
    *,
    days: Days = FOR_GOOD,
) -> Answer:
    move = Move(
        id=command.move_id,
        kind=kind,
        from_id=command.from_id,
        to_id=command.to_id,
        results=results,
        first_on=days[0],
        last_on=days[1],
        moved_by=command.actor_id,
        moved_at=work.now,
        updated_at=work.now,
    )
    moves(work).add(move)
    told = {"id": move.id, "version": 1, "moved": move.moved, "left": move.left, "more": command.more}
    return Answer(status=201, ids=told)
