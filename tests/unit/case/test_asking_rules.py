"""A supervisor's look at a contact: one of each, answered once."""

from datetime import UTC, datetime

import pytest

from services.case.asking.errors import NothingAskedError
from services.case.asking.rules import ACKNOWLEDGED, ANSWERED, ASKED, Look, look_of

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def look(state):
    return Look(
        id=look_of("c"), survivor_id="s", episode_id="e", contact_id="c", state=state, question="Why?", looked_by="p",
        looked_at=NOW, updated_at=NOW,
    )  # fmt: skip


def test_of_one_contact_there_is_one_look():
    """Its id follows from the contact's."""
    assert look_of("c") == look_of("c") != look_of("d")


def test_a_question_is_answered_with_who_and_when():
    """And stays."""
    answered = look(ASKED).answered("So.", "ann", at=NOW)
    assert (answered.state, answered.question, answered.answer) == (ANSWERED, "Why?", "So.")
    assert (answered.answered_by, answered.answered_at) == ("ann", NOW)


@pytest.mark.parametrize("state", [ACKNOWLEDGED, ANSWERED])
def test_what_is_not_open_is_not_answered(state):
    """Neither an acknowledgement, nor a question a second time."""
    with pytest.raises(NothingAskedError):
        look(state).answered("So.", "ann", at=NOW)
