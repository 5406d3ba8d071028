"""What is asked for stands on the page in words, each part with everything that it says."""

from datetime import UTC, datetime

import pytest

from services.case.approvals.words import in_words, part_words

NOW = datetime(2026, 9, 4, 12, tzinfo=UTC)
ROW = {"state": "WAITING", "kind": "PLAN", "closure_reason": None, "agreement": None, "agreed_how": None,
       "survivor_id": "s", "asked_at": datetime(2026, 9, 1, 23, tzinfo=UTC)}  # fmt: skip


@pytest.mark.parametrize(
    ("part", "part_id", "says", "words"),
    [
        ("GOAL", "g", {"area": "HOUSING"}, "Goal, housing: in no words. Set by: nobody wrote down who."),
        ("STEP", "REVIEW", {"every_weeks": "6"}, "A review every 6 weeks."),
        ("STEP", "REVIEW", {}, "A review."),
        ("STEP", "s", {"what": "Ring", "due_on": "2026-10-05"}, "To be done: Ring, by 5 October 2026."),
        ("NEED", "HOUSING", {"level": "NO_NEED", "words": "Note"}, "Their own view: nobody wrote it down. Note"),
        ("RISK", "HEALTH_CRISIS", {"level": "HIGH"}, "Risk, "),
    ],
)
def test_each_part_says_what_it_says(part, part_id, says, words):
    """In words, and with no code."""
    shown = part_words({"part": part, "id": part_id, "says": says})
    assert words in shown
    assert "_" not in shown


def test_how_long_it_waits_is_counted_in_days_of_london():
    """One hour before midnight by UTC is the next day there."""
    assert in_words(ROW, {"s": "Ida"}, NOW)["days"] == 2
    assert in_words(ROW, {}, NOW)["person"] == "One person"
    closure = {**ROW, "kind": "CLOSURE", "closure_reason": "INELIGIBLE"}
    assert in_words(closure, {}, NOW)["what"] == "End of support: not eligible"
