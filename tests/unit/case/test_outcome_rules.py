"""The paired change: of what they themselves answered on the scale, first and newest, and of nothing else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.contacts.rules import Writer
from services.case.outcomes.rules import (
    BY_SURVIVOR,
    IMPROVED,
    LOWER,
    OF_SERVICES,
    SAME,
    SCALE,
    Rating,
    changes,
    direction,
    review_day,
)
from services.case.outcomes.views import change_rows
from services.case.outcomes.words import change_words
from shared.codelists.lists import get
from shared.kernel.ids import new_id

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
OUTCOME = "MSCOS_2_SECURE_SUITABLE_HOUSING"
UNANSWERED = tuple(code for code in get("outcome_scale").codes if code not in SCALE)


def rating(code, *, day=0, by="SURVIVOR", outcome=OUTCOME, **more):
    said = {"outcome": outcome, "rating": code, "rated_by": by, "point": "REVIEW", **more}
    return Rating.written(new_id(), "s", "e", said, Writer(actor_id="ann", role="IMSA", at=AT + timedelta(days=day)))


def change(*ratings, outcome=OUTCOME):
    return next(one for one in changes(ratings) if one.outcome == outcome)


@given(st.lists(st.tuples(st.sampled_from(get("outcome_scale").codes), st.sampled_from(get("outcome_rater").codes)), max_size=6))  # fmt: skip
def test_the_pair_is_the_first_and_the_newest_answer_of_the_survivor(said):
    """Whatever else was written between, before or after; and in whatever order it is read."""
    every = [rating(code, day=day, by=by) for day, (code, by) in enumerate(said)]
    answered = [one for one in every if one.rating in SCALE and one.rated_by in BY_SURVIVOR]
    found = change(*reversed(every))
    assert (found.first, found.newest) == ((answered[0], answered[-1]) if answered else (None, None))
    assert (found.change is None) == (len(answered) < 2)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [("PARTLY", "MOSTLY", IMPROVED), ("NOT_AT_ALL", "FULLY", IMPROVED), ("PARTLY", "PARTLY", SAME), ("FULLY", "MOSTLY", LOWER)],
)  # fmt: skip
def test_a_change_is_more_the_same_or_less(before, now, expected):
    """Never a number."""
    assert change(rating(before), rating(now, day=9)).change == expected


@pytest.mark.parametrize("silent", UNANSWERED)
def test_what_is_no_answer_on_the_scale_is_never_half_of_a_pair(silent):
    """It stands beside as what was said last, and each has words of its own."""
    found = change(rating(silent), rating("PARTLY", day=1), rating(silent, day=2))
    assert (found.first, found.change, found.last.rating) == (found.newest, None, silent)
    assert direction(rating(silent), rating("FULLY", day=3)) is None
    assert direction(rating("FULLY"), rating(silent, day=3)) is None
    said = {
        change_words(row)["far"] for code in UNANSWERED for row in change_rows([rating(code)]) if row["last_answer"]
    }
    assert len(said) == len(UNANSWERED)


def test_what_an_advocate_alone_thinks_is_no_answer_of_theirs():
    """Neither first nor newest, nor what they said last."""
    found = change(
        rating("FULLY", by="ADVOCATE_ONLY"), rating("A_LITTLE", day=1), rating("FULLY", day=2, by="ADVOCATE_ONLY")
    )
    assert (found.first.rating, found.newest.rating, found.change, found.last.rating) == ("A_LITTLE", "A_LITTLE", None, "A_LITTLE")  # fmt: skip


@pytest.mark.parametrize("outcome", OF_SERVICES)
def test_outcomes_of_services_are_nobodys_progress(outcome):
    """First and newest are shown, a change never."""
    found = change(rating("NOT_AT_ALL", outcome=outcome), rating("FULLY", day=1, outcome=outcome), outcome=outcome)
    assert (found.first.rating, found.newest.rating, found.change) == ("NOT_AT_ALL", "FULLY", None)
    assert set(OF_SERVICES) < set(get("outcome").codes)


def test_a_correction_keeps_its_place_and_what_was_taken_back_counts_no_more():
    """The first answer, corrected later, is still the first."""
    first, second = rating("FULLY"), rating("MOSTLY", day=5)
    late = Writer(actor_id="ann", role="IMSA", at=AT + timedelta(days=20))
    right = first.corrected({"rating": "A_LITTLE"}, (), why="WRITTEN_WRONGLY", by=late)
    assert change(first, second, right).change == IMPROVED
    back = second.withdrawn(why="ANOTHER_PERSON", by=late)
    assert change(first, second, right, back).newest == right


def test_the_day_that_was_said_orders_answers_that_were_written_later():
    """Somebody writes down the beginning afterwards."""
    written_late = rating("NOT_AT_ALL", day=30, on=date(2026, 1, 5))
    assert change(rating("FULLY"), written_late).change == IMPROVED


def test_an_outcome_that_nobody_asked_about_is_listed_without_an_answer():
    """All seven stand there, in their order."""
    assert [row["outcome"] for row in change_rows([])] == list(get("outcome").codes)
    assert {change_words(row)["far"] for row in change_rows([])} == {"Not asked yet"}


@pytest.mark.parametrize(("days_ago", "expected"), [(None, 0), (7, 77), (84, 0), (300, 0)])
def test_a_review_is_due_by_the_rhythm_after_the_last_time_and_never_on_a_day_that_is_over(days_ago, expected):
    """Who was never asked is to be asked now; what an advocate alone thought is no asking, nor is that nobody asked."""
    today = date(2026, 12, 24)
    said = [] if days_ago is None else [rating("DECLINED_TO_ANSWER", on=today - timedelta(days=days_ago))]
    said.append(rating("FULLY", by="ADVOCATE_ONLY", on=today))
    said.append(rating("NOT_ASKED", on=today))
    assert review_day(said, weeks=12, today=today) == today + timedelta(days=expected)
