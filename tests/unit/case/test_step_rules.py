"""When a step is overdue, what follows a review, and that what has ended has ended."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.steps.errors import DueInPastError, StepEndedError
from services.case.steps.rules import DONE, DROPPED, FOLLOW_UP, OPEN, REVIEW, Step, check_due

AT, LATER = datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)
TODAY = date(2026, 11, 3)


def step(**values):
    made = {
        "id": "s",
        "survivor_id": "p",
        "kind": FOLLOW_UP,
        "what": "Ring",
        "opened_by": "ann",
        "opened_at": AT,
        "updated_at": AT,
    }
    return Step(**{**made, **values})


@given(st.integers(-3, 3))
def test_a_step_is_overdue_from_the_day_after_its_day(days):
    """Not on the day itself, and never where it has none or is not open."""
    due = TODAY + timedelta(days=days)
    assert step(due_on=due).is_overdue(TODAY) is (days < 0)
    assert not step(due_on=due, state=DONE).is_overdue(TODAY)
    assert not step(due_on=None).is_overdue(TODAY)


def test_what_was_done_or_dropped_says_who_when_and_why():
    """And keeps what it was."""
    done = step().done("ben", at=LATER)
    assert (done.state, done.ended_by, done.ended_at, done.what) == (DONE, "ben", LATER, "Ring")
    dropped = step().dropped("SURVIVOR_DECIDED", "ben", at=LATER)
    assert (dropped.state, dropped.why, dropped.ended_by) == (DROPPED, "SURVIVOR_DECIDED", "ben")


def test_a_step_that_was_taken_can_be_taken_by_another():
    """Somebody is away; what they took is no lock."""
    assert step(taken_by="ann").taken("ben", at=LATER).taken_by == "ben"


@pytest.mark.parametrize("state", [DONE, DROPPED])
def test_what_has_ended_has_ended(state):
    """Whatever is asked."""
    one = step(state=state)
    for change in (
        lambda: one.done("ann", at=LATER),
        lambda: one.dropped("NO_LONGER_NEEDED", "ann", at=LATER),
        lambda: one.taken("ann", at=LATER),
        lambda: one.moved(TODAY, today=TODAY, at=LATER),
    ):
        with pytest.raises(StepEndedError):
            change()


def test_nothing_new_is_due_on_a_day_that_is_over():
    """Today is not over; no day is no day."""
    check_due(None, TODAY)
    check_due(TODAY, TODAY)
    with pytest.raises(DueInPastError):
        check_due(TODAY - timedelta(days=1), TODAY)
    with pytest.raises(DueInPastError):
        step().moved(TODAY - timedelta(days=1), today=TODAY, at=LATER)
    assert step(due_on=TODAY).moved(None, today=TODAY, at=LATER).due_on is None


@given(st.integers(1, 52))
def test_a_review_that_was_held_opens_the_next_one_on_its_rhythm(weeks):
    """From the day on which it was held; one at most, whoever asks twice."""
    held = step(kind=REVIEW, every_weeks=weeks, due_on=TODAY - timedelta(days=30), taken_by="ann").done("ben", at=LATER)
    following = held.following(today=TODAY, at=LATER)
    assert (following.state, following.due_on, following.every_weeks) == (OPEN, TODAY + timedelta(weeks=weeks), weeks)
    assert (following.ended_by, following.version, following.taken_by) == (None, 0, "ann")
    assert following.id == held.following(today=TODAY, at=LATER).id != held.id


def test_what_does_not_come_again_opens_nothing():
    """A review without a rhythm, and whatever is no review."""
    assert step(kind=REVIEW).done("ann", at=LATER).following(today=TODAY, at=LATER) is None
    assert step(every_weeks=12).done("ann", at=LATER).following(today=TODAY, at=LATER) is None
