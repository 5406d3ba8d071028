"""What may be asked of wishes and nevers; each takes the survivor's turn and judges what is booked at once.

Ids are made by the caller, so that a repeat is the same command. Shown by tests/integration/case/test_interpreting.py
and test_interpreting_races.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from services.case.interpreters.documents import ClosedWords
from services.case.interpreting.documents import NEVERS
from services.case.interpreting.rechecking import Hand, recheck
from services.case.interpreting.rules import Never, Writer, check_seen, ending_of, next_wish, standing_wish
from services.case.survivors.on_survivor import OnSurvivor
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnInterpreting(OnSurvivor):
    """Base of what is done about interpreting for one survivor."""

    def writer(self, work: UnitOfWork) -> Writer:
        """Give who writes it, and when."""
        return Writer(actor_id=self.actor_id, role=self.role, at=work.now)


@dataclass(frozen=True, kw_only=True)
class StateWish(OnInterpreting):
    """Somebody says what they need.

    Attributes:
        said: By field; what is missing or blank stays as it was.
        cleared: Fields whose content is taken away.
        replaces: What stood when it was written; None where nothing did.
    """

    action: ClassVar[str] = "case:interpreting:wish"
    said: Mapping[str, Any]
    cleared: frozenset[str]
    why: str
    replaces: str | None


def state_wish(command: StateWish, work: UnitOfWork, *, sealer: Sealer, closed: ClosedWords) -> Answer:
    """Keep what they need from now on; bookings that do not fit it any more become tasks.

    Raises:
        DocumentMissingError, WishChangedError, WishMisstatedError, TooMuchOfInterpretersError: Nothing is kept.
    """
    hand = Hand(work=work, survivor_id=command.survivor_id, sealer=sealer, closed=closed)
    store = hand.take_turn()
    wishes = store.wishes()
    before = standing_wish(wishes)
    check_seen(before, command.replaces)
    wish = next_wish(
        before, command.survivor_id, command.said, command.cleared, why=command.why, by=command.writer(work)
    )
    found = recheck(hand, hand.needs_of([*wishes, wish], store.nevers()), command.actor_id)
    store.add_wish(wish)
    return Answer(status=201, ids={"id": wish.id, "version": 1, "find_others": found})


@dataclass(frozen=True, kw_only=True)
class SayNever(OnInterpreting):
    """Somebody never interprets for them.

    Attributes:
        name: As it was named; None where they are of the register.
        interpreter_id: Of the register; None where only a name was named.
        why: A code of ``interpreter_never``.
    """

    action: ClassVar[str] = "case:interpreting:never"
    never_id: str
    name: str | None
    interpreter_id: str | None
    why: str


def say_never(command: SayNever, work: UnitOfWork, *, sealer: Sealer, closed: ClosedWords) -> Answer:
    """Keep a never from this moment on; bookings with that person become tasks and cannot be kept.

    Raises:
        DocumentMissingError, TooMuchOfInterpretersError: Nothing is kept.
    """
    hand = Hand(work=work, survivor_id=command.survivor_id, sealer=sealer, closed=closed)
    store = hand.take_turn()
    name = command.name
    if command.interpreter_id is not None:
        known = hand.register.get(command.interpreter_id)
        name = known.words.name if known.words is not None else name
    person = command.interpreter_id
    never = Never(
        id=command.never_id,
        survivor_id=command.survivor_id,
        name=name,
        why=command.why,
        marks=hand.marks.of_name(name),
        person_mark=hand.marks.of_person(person) if person is not None else None,
        actor_id=command.actor_id,
        role=command.role,
        recorded_at=work.now,
        updated_at=work.now,
    )
    found = recheck(hand, hand.needs_of(store.wishes(), [*store.nevers(), never]), command.actor_id)
    store.add_never(never)
    return Answer(status=201, ids={"id": never.id, "version": 1, "find_others": found})


@dataclass(frozen=True, kw_only=True)
class EndNever(OnInterpreting):
    """The survivor says that somebody may after all, or it was written wrongly.

    Attributes:
        why: A code of ``interpreter_never_ended``.
    """

    action: ClassVar[str] = "case:interpreting:end-never"
    never_id: str
    why: str


def end_never(command: EndNever, work: UnitOfWork, *, sealer: Sealer, closed: ClosedWords) -> Answer:
    """Let a never stand no more; it stays to be seen, and what became a task stays one.

    Raises:
        DocumentMissingError, NeverEndedError: Nothing changes.
    """
    hand = Hand(work=work, survivor_id=command.survivor_id, sealer=sealer, closed=closed)
    nevers = hand.take_turn().nevers()
    known = [one for one in nevers if one.id == command.never_id and one.ends is None]
    if not known:
        raise DocumentMissingError(NEVERS)
    ending = ending_of(known[0], nevers, why=command.why, by=command.writer(work))
    hand.store.add_never(ending)
    return Answer(status=201, ids={"id": ending.id, "version": 1})
