"""How far a goal is: their own score, three answers that are none, and an end that can be taken back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.goals.errors import GoalEndedError, GoalOpenError
from services.case.goals.rules import ANSWERS, ENDINGS, OPEN, SCORED, Goal, Score, fits
from services.case.goals.words import answer_words, in_words

AT, LATER = datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)


def goal(**values):
    made = {"id": "g", "survivor_id": "s", "episode_id": "e", "area": "HOUSING", "recorded_at": AT, "updated_at": AT}
    return Goal(**{**made, **values})


def score(answer=SCORED, number=None):
    return Score(
        id="o", goal_id="g", survivor_id="s", answer=answer, score=number, said_by="SURVIVOR", actor_id="a",
        recorded_at=LATER, updated_at=LATER,
    )  # fmt: skip


@given(st.lists(st.integers(0, 10), min_size=1, max_size=5))
def test_the_first_and_the_newest_score_are_a_pair(numbers):
    """Nought is a score like any other."""
    one = goal()
    for number in numbers:
        one = one.scored(score(number=number))
    assert (one.first_score, one.last_score, one.last_answer) == (numbers[0], numbers[-1], SCORED)


@pytest.mark.parametrize("answer", ANSWERS[1:])
def test_an_answer_that_is_no_score_leaves_the_scores_they_gave(answer):
    """And is kept as the newest answer; the three are told apart on the page."""
    one = goal().scored(score(number=3)).scored(score(answer))
    assert (one.first_score, one.last_score, one.last_answer) == (3, 3, answer)
    told = {in_words(vars(goal(last_answer=code)))["far"] for code in (None, *ANSWERS[1:])}
    assert len(told) == 4
    assert "3 of 10" in in_words(vars(one))["far"]
    assert answer_words({"answer": answer, "score": None}) != answer_words({"answer": SCORED, "score": 0})


@pytest.mark.parametrize(("answer", "number", "right"), [(SCORED, 0, True), (SCORED, None, False),
                                                         ("NOT_ASKED", None, True), ("NOT_ASKED", 4, False)])  # fmt: skip
def test_a_score_stands_where_they_gave_one_and_nowhere_else(answer, number, right):
    """Nobody who was not asked has a score."""
    assert fits(answer, number) is right


@pytest.mark.parametrize("how", ENDINGS)
def test_what_has_ended_takes_no_score_until_it_is_taken_up(how):
    """Who ended it, and when, is kept until then."""
    ended = goal().ended(how, "ann", at=LATER)
    assert (ended.state, ended.ended_by, ended.ended_at) == (how, "ann", LATER)
    for change in (lambda: ended.scored(score(number=1)), lambda: ended.ended(how, "ann", at=LATER)):
        with pytest.raises(GoalEndedError):
            change()
    again = ended.taken_up(at=LATER)
    assert (again.state, again.ended_by, again.ended_at) == (OPEN, None, None)
    with pytest.raises(GoalOpenError):
        again.taken_up(at=LATER)
