"""Whether children depend on somebody: when to ask, and that there is nowhere to write of a child."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest

from services.case.dependants.errors import AskAgainMisplannedError
from services.case.dependants.rules import Answer, check_again, is_due
from services.case.dependants.schemas import AnswerDependantsSchema
from services.case.dependants.words import now_words

AT = datetime(2026, 9, 1, 13, tzinfo=UTC)
TODAY = date(2026, 9, 1)


def answer(said="NO", *, on=date(2026, 11, 24), at=AT):
    return Answer(
        id=f"{said}-{at}", survivor_id="ida", answer=said, ask_again_on=on, actor_id="ann", role="IMSA", recorded_at=at,
        updated_at=at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "due"),
    [
        (None, True),
        (answer(), False),
        (answer("NOT_ASKED"), True),
        (answer("DECLINED_TO_ANSWER"), False),
        (answer(on=TODAY), True),
        (answer(on=TODAY + timedelta(days=1)), False),
    ],
    ids=["never-asked", "no", "not-asked", "declined", "today", "tomorrow"],
)
def test_it_is_to_be_asked_until_somebody_has_and_again_by_its_day(said, due):
    """Who declined is asked again by the day, and not before."""
    assert is_due(said, TODAY) is due


def test_a_day_to_ask_again_is_neither_over_nor_years_away():
    """From today to a year ahead."""
    for day in (TODAY, TODAY + timedelta(weeks=52)):
        check_again(day, TODAY)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(weeks=52, days=1)):
        with pytest.raises(AskAgainMisplannedError):
            check_again(day, TODAY)


def test_no_field_takes_a_word():
    """Nothing of a child could be kept, whoever tried."""
    kept = {
        "id",
        "survivor_id",
        "answer",
        "ask_again_on",
        "step_id",
        "actor_id",
        "role",
        "recorded_at",
        "updated_at",
        "version",
    }
    assert {one.name for one in fields(Answer)} == kept
    assert set(AnswerDependantsSchema().fields) == {"answer", "ask_again_on"}
    assert now_words({"now": None, "due": True}) == "Nobody has asked yet. It is time to ask."
    assert now_words({"now": {"answer": "NO"}, "due": False}) == "No."
