"""Who may interpret for whom, by plain rules: what may never be comes first, and what cannot be read is a no."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.case.interpreters.rules import Interpreter, Tie, Words
from services.case.interpreting.errors import (
    BookingEndedError,
    NeverEndedError,
    NotYetError,
    WishChangedError,
    WishMisstatedError,
)
from services.case.interpreting.judging import Needs, Wanted, judge, remarks
from services.case.interpreting.marks import Marks, meet, words_of
from services.case.interpreting.refusing import REASONS
from services.case.interpreting.rules import (
    Booking,
    Never,
    Writer,
    check_seen,
    ending_of,
    next_wish,
    standing_nevers,
    standing_wish,
)

AT = datetime(2026, 9, 1, 13, tzinfo=UTC)
LATER = datetime(2026, 9, 2, 13, tzinfo=UTC)
ANN = Writer(actor_id="ann", role="IMSA", at=AT)
MARKS = Marks(b"k" * 32, "ida")
WANTED = Wanted(on=date(2026, 9, 4), mode="TELEPHONE")


def wish(**said):
    return next_wish(None, "ida", {"language": "sq", **said}, (), why="SURVIVOR_SAID", by=ANN)


def never(name="Vera Hoti", *, person=None, why="SURVIVOR_SAID", at=AT):
    return Never(
        id=f"never-{name}", survivor_id="ida", name=name, why=why, marks=MARKS.of_name(name),
        person_mark=person and MARKS.of_person(person), actor_id="ann", role="IMSA", recorded_at=at, updated_at=at,
    )  # fmt: skip


VERA = Words(name="Vera Hoti")


def vera(*, words=VERA, **said):
    about = {"languages": ("sq",), "gender": "FEMALE", "modes": ("TELEPHONE",), "from_on": date(2026, 1, 1), **said}
    return Interpreter(id="vera", words=words, stated_by="ben", updated_at=AT, **about)


def tied(who, kind="RELATED_TO", **said):
    return vera(words=Words(name="Vera Hoti", ties=(Tie(id="1", kind=kind, who=who, by="ben", at=AT, **said),)))


def refusals(one, *, wish_=None, nevers=(), names=(), wanted=WANTED):
    return judge(Needs(wish=wish_ or wish(), nevers=nevers, names=names, marks=MARKS), one, wanted).refusals


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Véra Gjoka-Hoti", "hoti  GJOKA vera", True),
        ("Hoti", "Vera Hoti", True),
        ("V. Hoti", "Vera Hoti", True),
        ("Vera Hota", "Vera Hoti", False),
        ("Vera Hoti", "Vera Berisha", False),
        ("李", "李", True),
        ("李", "王", False),
        ("-", "Vera Hoti", True),
    ],
    ids=["spelling", "one-word", "initial", "another", "first-name-alone", "short", "short-other", "says-nothing"],
)
def test_two_names_are_one_where_one_holds_the_other(one, other, is_same):
    """Whatever the order, case, accents and initials; what says nothing may be anybody; by marks as by words."""
    assert meet(words_of(one), words_of(other)) is is_same
    assert meet(MARKS.of_name(one), MARKS.of_name(other)) is is_same


def test_marks_are_of_one_survivor_alone():
    """The same name under another key, or of another survivor, is another mark."""
    name = "Vera Hoti"
    assert not set(MARKS.of_name(name)) & set(Marks(b"l" * 32, "ida").of_name(name))
    assert not set(MARKS.of_name(name)) & set(Marks(b"k" * 32, "eva").of_name(name))
    assert MARKS.of_person("vera") not in MARKS.of_name("vera")


def test_a_never_stands_whatever_else_is_agreed():
    """By name or by the register's id, with its own reason, first of all; an agreement changes nothing."""
    man = vera(gender="MALE")
    agreed = replace(WANTED, agreed_gender="FEMALE")
    woman = wish(gender="FEMALE")
    assert refusals(man, wish_=woman, nevers=(never(),), wanted=WANTED) == ("NEVER", "GENDER")
    assert refusals(man, wish_=woman, nevers=(never(),), wanted=agreed) == ("NEVER",)
    assert refusals(vera(), nevers=(never("Somebody", person="vera", why="COMMUNITY"),)) == ("COMMUNITY",)
    assert refusals(vera(), nevers=(never("Somebody Else"),)) == ()


def test_what_cannot_be_read_is_a_no():
    """An interpreter who is gone or does not open, a never without marks, a wish with a code of no list."""
    assert refusals(None) == ("UNREADABLE",)
    assert refusals(vera(words=None)) == ("UNREADABLE",)
    assert refusals(vera(), nevers=(replace(never("Somebody Else"), marks=()),)) == ("NEVER",)
    assert refusals(vera(), wish_=replace(wish(), gender="")) == ("UNREADABLE",)
    assert refusals(vera(), wish_=replace(wish(), community_rule="")) == ("UNREADABLE",)


def test_a_tie_reaches_whom_they_named_and_themselves():
    """Kin of hers is family, everybody else's a conflict; a tie that ended is none."""
    assert refusals(tied("Arben Krasniqi"), nevers=(never("Krasniqi, Arben"),)) == ("CONFLICT",)
    assert refusals(tied("Ida Berisha"), names=("Ida Berisha",)) == ("FAMILY",)
    assert refusals(tied("Ida Berisha", "WORKED_FOR"), names=("Ida Berisha",)) == ("CONFLICT",)
    assert refusals(tied("Ida Berisha", ended_by="ben", ended_at=AT), names=("Ida Berisha",)) == ()


def test_at_a_past_moment_those_ties_hold_that_held_then():
    """One that was noted later does not count, one that ended later does."""
    one = tied("Arben Krasniqi", ended_by="ben", ended_at=LATER)
    assert refusals(one.as_of(AT), nevers=(never("Arben Krasniqi"),)) == ("CONFLICT",)
    assert refusals(one.as_of(LATER), nevers=(never("Arben Krasniqi"),)) == ()
    assert refusals(one.as_of(datetime(2026, 8, 1, tzinfo=UTC)), nevers=(never("Arben Krasniqi"),)) == ()


@pytest.mark.parametrize(
    ("said", "stated", "reasons"),
    [
        ({"gender": "FEMALE"}, {"gender": "NOT_SPECIFIED"}, ("GENDER",)),
        ({"gender": "NO_PREFERENCE"}, {"gender": "MALE"}, ()),
        ({"gender": "DECLINED_TO_ANSWER"}, {"gender": "MALE"}, ()),
        ({"language": "pl"}, {}, ("LANGUAGE",)),
        ({"language": None}, {}, ("NEED_UNKNOWN",)),
        ({"modes": ("IN_ROOM",)}, {}, ("MODE_UNWANTED",)),
        ({}, {"modes": ("IN_ROOM",)}, ("MODE",)),
        ({}, {"until_on": date(2026, 9, 3)}, ("NOT_THEN",)),
        ({}, {"until_on": date(2026, 9, 4)}, ()),
    ],
    ids=["not-stated", "none", "declined", "language", "unknown", "unwanted", "mode", "gone", "last-day"],
)
def test_each_need_is_judged(said, stated, reasons):
    """A gender that is not stated is not the one they wish."""
    assert refusals(vera(**stated), wish_=wish(**said)) == reasons


def test_a_dialect_has_to_be_stated():
    """One that says more than was wished will do, one that says less will not."""
    gheg = wish(dialect="Gheg Kosovo")
    assert refusals(vera(), wish_=gheg) == ("DIALECT",)
    assert refusals(vera(words=Words(name="V Hoti", dialects=("Gheg",))), wish_=gheg) == ("DIALECT",)
    assert refusals(vera(words=Words(name="V Hoti", dialects=("kosovo gheg (north)",))), wish_=gheg) == ()


def test_a_community_may_be_theirs_by_any_word_in_common():
    """Nobody's that is not written down; short words are no sign of anything."""
    avoid = wish(community_rule="AVOID", community="Albanians of Leeds")
    for theirs, reasons in (((), ("COMMUNITY_UNKNOWN",)), (("Leeds",), ("COMMUNITY",)), (("Poles of Hull",), ())):
        assert refusals(vera(words=Words(name="Vera Hoti", communities=theirs)), wish_=avoid) == reasons


def test_a_blank_changes_nothing_and_a_clearing_takes_away():
    """What stood stays in the one before; what nobody asked is never filled in."""
    first = wish(dialect="Gheg", gender="FEMALE", modes=("VIDEO",))
    second = next_wish(
        first, "ida", {"dialect": "", "gender": None, "modes": ()}, ("modes",), why="SURVIVOR_SAID", by=ANN
    )
    assert (second.number, second.dialect, second.gender, second.modes) == (2, "Gheg", "FEMALE", ())
    assert (wish().gender, wish().community_rule) == ("NOT_ASKED", "NOT_ASKED")
    assert remarks(None) == remarks(wish()) == ("ASK_GENDER", "ASK_COMMUNITY")
    with pytest.raises(WishMisstatedError):
        wish(community_rule="AVOID")
    assert standing_wish([second, first]) == second
    with pytest.raises(WishChangedError):
        check_seen(second, first.id)


def test_a_never_ends_once_and_stood_before():
    """What stood at a moment is known afterwards."""
    said = never()
    ended = ending_of(said, [said], why="WRITTEN_WRONGLY", by=replace(ANN, at=LATER))
    assert standing_nevers([said, ended]) == []
    assert standing_nevers([said, ended], AT) == [said]
    with pytest.raises(NeverEndedError):
        ending_of(said, [said, ended], why="WRITTEN_WRONGLY", by=ANN)


def test_a_booking_that_needs_somebody_else_is_never_kept():
    """It can be cancelled, once; one that may be kept is kept after its time."""
    made = Booking(
        id="1", survivor_id="ida", interpreter_id="vera", purpose="VISIT", mode="VIDEO", at=LATER, asked_by="ann",
        asked_at=AT, updated_at=AT,
    )  # fmt: skip
    assert made.held("ann", LATER).state == "HELD"
    with pytest.raises(NotYetError):
        made.held("ann", AT)
    refused = made.refused(("NEVER",), None, AT)
    with pytest.raises(BookingEndedError):
        refused.held("ann", LATER)
    cancelled = refused.cancelled("ann", AT)
    with pytest.raises(BookingEndedError):
        cancelled.cancelled("ann", AT)


def test_every_reason_is_said_in_words():
    """In the order in which they are given, with no name in any."""
    assert list(REASONS)[:5] == ["UNREADABLE", "NEVER", "FAMILY", "CONFLICT", "COMMUNITY"]
    assert REASONS["NEVER"] == "they said: never this person"
    assert REASONS["GENDER"] == "not of the gender that they wish"
