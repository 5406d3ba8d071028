"""What may be asked of bookings: each is judged in its own transaction, in the survivor's turn.

Shown by tests/integration/case/test_interpreting.py and test_interpreting_races.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from services.case.interpreters.documents import ClosedWords
from services.case.interpreting.commands import OnInterpreting
from services.case.interpreting.documents import InterpretingStore
from services.case.interpreting.errors import BookingPastError, InterpreterRefusedError
from services.case.interpreting.judging import Wanted, judge
from services.case.interpreting.rechecking import Hand, wanted_of
from services.case.interpreting.rules import Booking
from services.case.steps.documents import StepStore
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.freezing import ProcessingRestrictedError

AHEAD = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class BookInterpreter(OnInterpreting):
    """An advocate takes an interpreter for one moment.

    Attributes:
        agreed: The survivor said, for this once, that another gender than they wish will do.
    """

    action: ClassVar[str] = "case:interpreting:book"
    booking_id: str
    interpreter_id: str
    purpose: str
    mode: str
    at: datetime
    agreed: bool


def book_interpreter(command: BookInterpreter, work: UnitOfWork, *, sealer: Sealer, closed: ClosedWords) -> Answer:
    """Book an interpreter who may; whether they may is judged before anything else is.

    Raises:
        DocumentMissingError, ProcessingRestrictedError, InterpreterRefusedError, BookingPastError,
        TooMuchOfInterpretersError: Nothing is booked.
    """
    hand = Hand(work=work, survivor_id=command.survivor_id, sealer=sealer, closed=closed)
    store, needs = _turn(hand), hand.needs()
    interpreter = hand.register.get(command.interpreter_id)
    wanted = Wanted(on=london_day(command.at), mode=command.mode)
    verdict, agreed = judge(needs, interpreter, wanted), None
    if command.agreed and verdict.may_if_agreed and needs.wish is not None:
        agreed = needs.wish.gender
    elif not verdict.may:
        raise InterpreterRefusedError(verdict.refusals)
    if not work.now < command.at <= work.now + AHEAD:
        raise BookingPastError
    booking = Booking(
        id=command.booking_id,
        survivor_id=command.survivor_id,
        interpreter_id=command.interpreter_id,
        purpose=command.purpose,
        mode=command.mode,
        at=command.at,
        agreed_gender=agreed,
        asked_by=command.actor_id,
        asked_at=work.now,
        updated_at=work.now,
    )
    store.add_booking(booking)
    return Answer(status=201, ids={"id": booking.id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class OnBooking(OnInterpreting):
    """Base of what is done to a booking."""

    booking_id: str


@dataclass(frozen=True, kw_only=True)
class HoldBooking(OnBooking):
    """It took place with this interpreter."""

    action: ClassVar[str] = "case:interpreting:held"


@dataclass(frozen=True, kw_only=True)
class CancelBooking(OnBooking):
    """It does not take place with this interpreter."""

    action: ClassVar[str] = "case:interpreting:cancel"


def hold_booking(command: HoldBooking, work: UnitOfWork, *, sealer: Sealer, closed: ClosedWords) -> Answer:
    """Say that a booking took place, unless the interpreter might not by what was known at its time.

    Raises:
        DocumentMissingError, BookingEndedError, NotYetError, InterpreterRefusedError: Nothing changes.
    """
    hand = Hand(work=work, survivor_id=command.survivor_id, sealer=sealer, closed=closed)
    store = _turn(hand)
    booking = store.booking(command.booking_id)
    held = booking.held(command.actor_id, work.now)
    interpreter = hand.register.find(booking.interpreter_id)
    then = interpreter.as_of(booking.at) if interpreter is not None else None
    verdict = judge(hand.needs(booking.at), then, wanted_of(booking))
    if not verdict.may:
        raise InterpreterRefusedError(verdict.refusals)
    return Answer(status=200, ids={"id": booking.id, "version": store.save_booking(held)})


def cancel_booking(command: CancelBooking, work: UnitOfWork, *, sealer: Sealer, closed: ClosedWords) -> Answer:
    """Cancel a booking; what was to be done about it is done.

    Raises:
        DocumentMissingError, BookingEndedError: Nothing changes.
    """
    hand = Hand(work=work, survivor_id=command.survivor_id, sealer=sealer, closed=closed)
    store = hand.take_turn()
    booking = store.booking(command.booking_id)
    version = store.save_booking(booking.cancelled(command.actor_id, work.now))
    StepStore(work, sealer).finish(booking.step_id, command.actor_id)
    return Answer(status=200, ids={"id": booking.id, "version": version})


def _turn(hand: Hand) -> InterpretingStore:
    """Take the survivor's turn; while their record is restricted no reason is given either, since each says something.

    Raises:
        ProcessingRestrictedError: It is.
    """
    store = hand.take_turn()
    if SurvivorStore(hand.work).is_restricted(hand.survivor_id):
        raise ProcessingRestrictedError
    return store
