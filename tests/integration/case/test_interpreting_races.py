"""A never and a booking at the same moment, both ways round: whoever comes second knows of the first."""

import pytest

from services.case.interpreters.documents import ClosedWords
from services.case.interpreting.booking import BookInterpreter, HoldBooking, book_interpreter, hold_booking
from services.case.interpreting.commands import SayNever, StateWish, say_never, state_wish
from services.case.interpreting.errors import BookingEndedError, InterpreterRefusedError, WishChangedError
from shared.kernel.ids import new_id
from shared.outbox.commands import Command
from tests.integration.case.test_case_races import Case, both_ways, processes, race
from tests.integration.case.test_interpreting import NOW, interpreter

__all__ = ["processes"]


class Booked(Case):
    """Somebody who speaks Albanian, and an interpreter who may."""

    def __init__(self, place):
        super().__init__(place)
        self.interpreter_id, self.booking_id = interpreter(place), new_id()
        self.closed = ClosedWords.of(place.contexts["case"])
        self.runs(self.wishes(None, language="sq"))

    def runs(self, run):
        return self.place.contexts["case"].committer.execute(Command(run=run))

    def about_them(self):
        return {"survivor_id": self.survivor_id, "actor_id": "ann", "role": "IMSA"}

    def wishes(self, replaces, **said):
        said = {"dialect": None, "gender": None, "modes": (), "community_rule": None, "community": None, **said}
        command = StateWish(
            **self.about_them(), said={"language": None, **said}, cleared=frozenset(), why="SURVIVOR_SAID", replaces=replaces,
        )  # fmt: skip
        return lambda work: state_wish(command, work, sealer=self.sealer, closed=self.closed)

    def says_never(self):
        command = SayNever(
            **self.about_them(), never_id=new_id(), name=None, interpreter_id=self.interpreter_id, why="SURVIVOR_SAID"
        )
        return lambda work: say_never(command, work, sealer=self.sealer, closed=self.closed)

    def books(self, at):
        command = BookInterpreter(
            **self.about_them(), booking_id=self.booking_id, interpreter_id=self.interpreter_id, purpose="VISIT",
            mode="TELEPHONE", at=at, agreed=False,
        )  # fmt: skip
        return lambda work: book_interpreter(command, work, sealer=self.sealer, closed=self.closed)

    def holds(self):
        command = HoldBooking(**self.about_them(), booking_id=self.booking_id)
        return lambda work: hold_booking(command, work, sealer=self.sealer, closed=self.closed)

    def states(self):
        found = self.place.database("case")["interpreter_bookings"].find({"survivor_id": self.survivor_id})
        return [one["state"] for one in found]


@pytest.fixture
def ida(place):
    """It is 1 September."""
    place.at(NOW)
    yield Booked(place)
    place.at(None)


@both_ways
def test_nobody_is_booked_of_whom_a_never_is_said_at_that_moment(processes, ida, turned):
    """Refused, or booked before and somebody's task."""
    met, failures = race(processes, turned, ida.books(NOW.replace(day=4)), ida.says_never())
    assert met
    found = (ida.states(), [type(error) for error in failures])
    assert found in ((["FIND_OTHER"], []), ([], [InterpreterRefusedError]))


@both_ways
def test_a_wish_and_a_booking_know_of_each_other(processes, ida, turned):
    """Another language is judged by whoever comes second."""
    (known,) = ida.place.database("case")["interpreter_wishes"].find({"survivor_id": ida.survivor_id})
    met, failures = race(processes, turned, ida.books(NOW.replace(day=4)), ida.wishes(known["_id"], language="pl"))
    assert met
    found = (ida.states(), [type(error) for error in failures])
    assert found in ((["FIND_OTHER"], []), ([], [InterpreterRefusedError]))


@both_ways
def test_of_two_wishes_on_what_stood_one_is_told(processes, ida, turned):
    """Neither writes over the other unseen."""
    (known,) = ida.place.database("case")["interpreter_wishes"].find({"survivor_id": ida.survivor_id})
    one, other = (ida.wishes(known["_id"], gender=gender) for gender in ("MALE", "FEMALE"))
    met, failures = race(processes, turned, one, other)
    assert met
    assert [type(error) for error in failures] == [WishChangedError]
    assert ida.place.database("case")["interpreter_wishes"].count_documents({"survivor_id": ida.survivor_id}) == 2


def test_what_is_to_be_found_anew_is_never_kept(ida):
    """Also long after its time."""
    ida.runs(ida.books(NOW.replace(day=4)))
    ida.runs(ida.says_never())
    ida.place.at(NOW.replace(day=5))
    with pytest.raises(BookingEndedError):
        ida.runs(ida.holds())
    assert ida.states() == ["FIND_OTHER"]
