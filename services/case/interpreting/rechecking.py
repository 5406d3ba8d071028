"""What is known of somebody for the judgement, and what becomes of open bookings when it changes; in their turn.

Promise: a booking that does not fit any more is somebody's task at once, in the same transaction, and can never be
kept; a task list that is full keeps no "never" from being heard. Shown by tests/integration/case/test_interpreting.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from services.case.interpreters.documents import ClosedWords, InterpreterStore
from services.case.interpreting.documents import InterpretingStore
from services.case.interpreting.judging import Needs, Wanted, judge
from services.case.interpreting.marks import Marks
from services.case.interpreting.rules import BOOKED, Booking, Never, Wish, standing_nevers, standing_wish
from services.case.steps.documents import StepStore
from services.case.steps.rules import FOLLOW_UP, Step
from services.case.survivors.documents import SURVIVORS, SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import LONDON, london_day
from shared.outbox.unit_of_work import UnitOfWork

_STEPS = UUID("9d3c3d11-73f0-4b7e-8b0a-5f3a2c1f7e03")


@dataclass(frozen=True, kw_only=True)
class Hand:
    """What a command about one survivor works with.

    Attributes:
        sealer: Has the survivor's own key.
        closed: Opens the register.
    """

    work: UnitOfWork
    survivor_id: str
    sealer: Sealer
    closed: ClosedWords

    def take_turn(self) -> InterpretingStore:
        """Take the survivor's turn: of a never and a booking at the same moment, one comes after the other."""
        SurvivorStore(self.work).take_turn(self.survivor_id)
        return self.store

    @property
    def store(self) -> InterpretingStore:
        """What is kept of them."""
        return InterpretingStore(self.work, self.sealer, self.survivor_id)

    @property
    def register(self) -> InterpreterStore:
        """The host's interpreters."""
        return InterpreterStore(self.work, self.closed)

    @property
    def marks(self) -> Marks:
        """What stands for names under their key."""
        return Marks(self.sealer.keys[self.survivor_id], self.survivor_id)

    def needs(self, at: datetime | None = None) -> Needs:
        """Give what is known of them, or was known at a moment."""
        return self.needs_of(self.store.wishes(), self.store.nevers(), at)

    def needs_of(self, wishes: Sequence[Wish], nevers: Sequence[Never], at: datetime | None = None) -> Needs:
        """Give the same of what was read, with what is about to be kept.

        What is appended for good is not read again in the transaction that writes it: nobody could stamp it then.
        """
        sealed = self.work.get(SURVIVORS, self.survivor_id)["sealed"]["name"]
        name = self.sealer.open(self.survivor_id, {"name": sealed})["name"]
        return Needs(
            wish=standing_wish(wishes, at),
            nevers=standing_nevers(nevers, at),
            names=(name,) if name else (),
            marks=self.marks,
        )


def recheck(hand: Hand, needs: Needs, actor_id: str) -> int:
    """Judge each booking that is still to come by what stands now; give how many cannot be kept."""
    now, found = hand.work.now, 0
    for booking in hand.store.open_bookings():
        if booking.state != BOOKED or booking.at <= now:
            continue
        verdict = judge(needs, hand.register.find(booking.interpreter_id), wanted_of(booking))
        if not verdict.may:
            step_id = _add_step(hand, booking, actor_id)
            hand.store.save_booking(booking.refused(verdict.refusals, step_id, now))
            found += 1
    return found


def wanted_of(booking: Booking) -> Wanted:
    """Give what a booking is judged for."""
    return Wanted(on=london_day(booking.at), mode=booking.mode, agreed_gender=booking.agreed_gender)


def _add_step(hand: Hand, booking: Booking, actor_id: str) -> str | None:
    local = booking.at.astimezone(LONDON)
    step = Step(
        id=str(uuid5(_STEPS, booking.id)),
        survivor_id=booking.survivor_id,
        kind=FOLLOW_UP,
        what=f"Find somebody else to interpret before {local.day} {local:%B}, {local:%H:%M}, and tell who was booked",
        due_on=london_day(booking.at),
        taken_by=booking.asked_by,
        opened_by=actor_id,
        opened_at=hand.work.now,
        updated_at=hand.work.now,
    )
    return StepStore(hand.work, hand.sealer).add_if_room(step)
