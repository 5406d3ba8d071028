"""What a correction of a contact changes, what it leaves, and who may make it."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.contacts.errors import ContactCorrectedError, ContactInFutureError, OthersContactError
from services.case.contacts.rules import (
    MAY_BE_CLEARED,
    SAID,
    Contact,
    Writer,
    check_day,
    last_day,
    next_id,
    says_something,
    standing,
)

AT, LATER = datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)
ANN, BEN = Writer(actor_id="ann", role="IMSA", at=LATER), Writer(actor_id="ben", role="IMSA", at=LATER)
BOSS = Writer(actor_id="boss", role="SUPERVISOR", at=LATER)
SAYS = {
    "on": date(2026, 11, 1), "mode": "PHONE", "minutes": 20, "areas": ("HOUSING",), "interpreter": "PROFESSIONAL",
    "next_step": "Ring the council", "note": "Prefers mornings",
}  # fmt: skip
BLANK = {
    "on": None,
    "mode": None,
    "minutes": None,
    "areas": (),
    "interpreter": None,
    "next_step": " ",
    "note": "\u200b",
}


def contact(**values):
    made = {
        "id": "c", "survivor_id": "s", "episode_id": "e", "actor_id": "ann", "role": "IMSA", "recorded_at": AT,
        "updated_at": AT, **SAYS,
    }  # fmt: skip
    return Contact(**{**made, **values})


def said(one):
    return {name: getattr(one, name) for name in SAID}


class TestCorrecting:
    def test_a_correction_is_a_contact_of_its_own_that_names_the_one_before(self):
        """Who, when and why; the first one stays as it was written."""
        before = contact()
        now = before.corrected({"minutes": 45}, (), why="WRITTEN_WRONGLY", by=ANN)
        assert said(now) == {**SAYS, "minutes": 45}
        assert (now.id, now.corrects, now.why) == (next_id("c"), "c", "WRITTEN_WRONGLY")
        assert (now.actor_id, now.role, now.recorded_at) == ("ann", "IMSA", LATER)
        assert before == contact()

    def test_blank_overrides_nothing(self):
        """Neither nothing, nor spaces, nor signs that nobody sees."""
        assert said(contact().corrected(BLANK, (), why="WRITTEN_WRONGLY", by=ANN)) == SAYS

    @given(st.sets(st.sampled_from(MAY_BE_CLEARED)))
    def test_only_what_is_cleared_is_taken_away(self, cleared):
        """And nothing beside it."""
        now = said(contact().corrected({}, cleared, why="SURVIVOR_ASKED", by=ANN))
        assert {name for name in SAID if now[name] in (None, ())} == cleared

    def test_taking_back_repeats_nothing_of_what_was_said(self):
        """The words of another person's contact stand once, where they were written."""
        now = contact().withdrawn(why="ANOTHER_PERSON", by=ANN)
        assert now.taken_back
        assert [now.on, now.minutes, now.areas, now.next_step, now.note] == [None, None, (), None, None]
        with pytest.raises(ContactCorrectedError):
            now.corrected({"minutes": 5}, (), why="WRITTEN_WRONGLY", by=ANN)
        with pytest.raises(ContactCorrectedError):
            now.withdrawn(why="WRITTEN_TWICE", by=ANN)

    @pytest.mark.parametrize(("writer", "allowed"), [(ANN, True), (BEN, False), (BOSS, True)])
    def test_a_contact_is_its_writers_to_correct_or_a_supervisors(self, writer, allowed):
        """Nobody mends a colleague's words; where nobody knows who wrote them, whoever may act does."""
        assert contact().may_be_corrected_by(writer.actor_id, writer.role) is allowed
        assert contact(actor_id=None).may_be_corrected_by(writer.actor_id, writer.role)
        if not allowed:
            with pytest.raises(OthersContactError):
                contact().corrected({"minutes": 1}, (), why="WRITTEN_WRONGLY", by=writer)
            with pytest.raises(OthersContactError):
                contact().withdrawn(why="WRITTEN_TWICE", by=writer)


class TestWhatStands:
    def test_of_a_chain_the_newest_stands_and_of_one_taken_back_none(self):
        """A contact that was corrected twice counts once."""
        first = contact()
        second = first.corrected({"on": date(2026, 10, 1)}, (), why="WRITTEN_WRONGLY", by=ANN)
        third = second.corrected({"on": date(2026, 9, 1)}, (), why="WRITTEN_WRONGLY", by=ANN)
        other = contact(id="o", on=date(2026, 8, 1))
        back = contact(id="x", on=date(2026, 12, 1))
        everything = [first, second, third, other, back, back.withdrawn(why="DID_NOT_HAPPEN", by=ANN)]
        assert {one.id for one in standing(everything)} == {third.id, "o"}
        assert last_day(everything) == date(2026, 9, 1)

    def test_of_contacts_without_a_day_none_is_last(self):
        """Not known is no day."""
        assert last_day([contact(on=None)]) is None

    def test_a_day_that_has_not_come_is_refused(self):
        """Today is not; no day is not."""
        check_day(None, AT.date())
        check_day(AT.date(), AT.date())
        with pytest.raises(ContactInFutureError):
            check_day(LATER.date(), AT.date())


@pytest.mark.parametrize(
    ("value", "says"), [(0, True), ("x", True), (None, False), ("", False), ("\t\u200b ", False), ((), False)]
)
def test_what_says_something(value, says):
    """Nought minutes do; invisible signs do not."""
    assert says_something(value) is says
