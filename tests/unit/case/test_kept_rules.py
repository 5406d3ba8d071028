"""What is never written over: its correction names it, blank stays, and only what is cleared goes."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest

from services.case.contacts.rules import Writer, next_id
from services.case.needs.commands import TakeRiskBack, WeighRisk
from services.case.needs.rules import Risk
from services.case.outcomes.commands import CorrectRating
from services.case.outcomes.errors import AlreadyCorrectedError, DayInFutureError, WrittenByAnotherError
from services.case.outcomes.kept import check_day, standing

AT, LATER = datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 9, 9, tzinfo=UTC)
ANN, BEN, SUE = (Writer(actor_id=name, role=role, at=LATER) for name, role in (("ann", "IMSA"), ("ben", "IMSA"), ("sue", "SUPERVISOR")))  # fmt: skip
ID = "3f1c0000-0000-4000-8000-000000000000"
SAID = {"about": "DETENTION_OR_REMOVAL", "level": "HIGH", "view": "LOW", "on": date(2026, 11, 1), "words": "Rang"}


def written(**changes):
    by = Writer(actor_id="ann", role="IMSA", at=AT)
    return replace(Risk.written(ID, "s", "e", SAID, by), **changes)


def test_a_first_writing_says_what_was_said_and_no_more():
    """A blank word is none."""
    bare = Risk.written(ID, "s", "e", {**SAID, "words": " \u200b", "on": None}, ANN)
    assert (bare.words, bare.on, bare.view) == (None, None, "LOW")
    assert (bare.actor_id, bare.role, bare.first_recorded_at, bare.corrects) == ("ann", "IMSA", LATER, None)


@pytest.mark.parametrize("blank", [None, "", " \u00a0"])
def test_blank_overrides_nothing_and_what_is_cleared_goes(blank):
    """A correction keeps when it was first written, and so its place."""
    before = written()
    now = before.corrected({"level": "LOW", "words": blank}, {"on"}, why="WRITTEN_WRONGLY", by=ANN)
    assert (now.level, now.words, now.on, now.view) == ("LOW", "Rang", None, "LOW")
    assert (now.id, now.corrects, now.why) == (next_id(ID), ID, "WRITTEN_WRONGLY")
    assert (now.first_recorded_at, now.recorded_at) == (AT, LATER)
    assert before == written()


def test_what_is_always_said_cannot_be_cleared():
    """Nobody could tell what is left."""
    now = written().corrected({}, {"about", "level", "words"}, why="WRITTEN_WRONGLY", by=ANN)
    assert (now.about, now.level, now.words) == (SAID["about"], SAID["level"], None)


def test_taking_back_repeats_no_word():
    """And is done once."""
    back = written().withdrawn(why="ANOTHER_PERSON", by=ANN)
    assert (back.taken_back, back.words, back.on, back.view) == (True, None, None, None)
    for change in (
        lambda: back.withdrawn(why="ANOTHER_PERSON", by=ANN),
        lambda: back.corrected({}, (), why="SURVIVOR_ASKED", by=SUE),
    ):
        with pytest.raises(AlreadyCorrectedError):
            change()


@pytest.mark.parametrize(
    ("author", "by", "may"), [("ann", ANN, True), ("ann", BEN, False), ("ann", SUE, True), (None, BEN, True)]
)
def test_who_wrote_it_or_a_supervisor_corrects_it(author, by, may):
    """And anybody where nobody knows who did."""
    one = written(actor_id=author)
    for change in (
        lambda: one.withdrawn(why="WRITTEN_TWICE", by=by),
        lambda: one.corrected({}, (), why="SURVIVOR_ASKED", by=by),
    ):
        if may:
            assert change().actor_id == by.actor_id
        else:
            with pytest.raises(WrittenByAnotherError):
                change()


def test_what_stands_is_neither_corrected_nor_taken_back():
    """The oldest first, by the day that was said, else by that of the first writing."""
    first, second = written(), written(id=ID.replace("3", "4"), on=None)
    third = written(id=ID.replace("3", "5"), on=date(2026, 1, 1))
    now = first.corrected({"level": "LOW"}, (), why="WRITTEN_WRONGLY", by=ANN)
    back = second.withdrawn(why="WRITTEN_TWICE", by=ANN)
    assert standing([now, back, second, first, third]) == [third, now]
    assert standing([second, first]) == [first, second]


def test_audit_names_the_episode_and_never_the_writing():
    """Audit knows whose an episode is, so each act stands on the person's own paper."""
    about = {"episode_id": "e", "survivor_id": "s", "kept_id": ID, "actor_id": "ann", "role": "IMSA"}
    for command in (
        WeighRisk(**about, written={ID: SAID}),
        CorrectRating(**about, said={}, cleared=frozenset(), why="SURVIVOR_ASKED"),
        TakeRiskBack(**about, why="WRITTEN_TWICE"),
    ):
        assert command.object_id == "e"


def test_no_day_lies_ahead():
    """Today is no future, and no day is none."""
    today = date(2026, 11, 2)
    check_day(None, today)
    check_day(today, today)
    with pytest.raises(DayInFutureError):
        check_day(date(2026, 11, 3), today)


def test_every_field_that_says_something_is_listed():
    """What is not listed would be lost by every correction."""
    said = {one.name for one in fields(Risk)} - {one.name for one in fields(Risk.__mro__[2])}
    assert set(Risk.SAID) == said
    assert set(Risk.MAY_BE_CLEARED) < said
