"""What is typed to register words, read without a browser and without a database."""

import pytest
from werkzeug.datastructures import MultiDict

from services.consent.wordings.forms import TypedWords, place_of

GOOD = {
    "code": "stats-2026-1", "purpose": "AGGREGATE_STATISTICS", "recipient_class": "PROJECT_BOARD",
    "valid_from_day": "1", "valid_from_month": "7", "valid_from_year": "2026", "text": "May we count you?",
}  # fmt: skip


def read(**changes):
    return TypedWords.of(MultiDict({**GOOD, **changes})).read()


def test_a_day_begins_in_london():
    """In summer that is an hour earlier by universal time."""
    body, wrong = read(valid_to_day="31", valid_to_month="12", valid_to_year="2026")
    assert wrong == {}
    assert f"{body['valid_from']:%d %H:%M}" == "30 23:00"
    assert f"{body['valid_to']:%d %H:%M}" == "31 00:00"


def test_lines_end_as_one_writes_them():
    """A browser sends two characters; the text's hash would tell of the browser."""
    body, _ = read(text="One.\r\nTwo.")
    assert body["text"] == "One.\nTwo."


def test_a_last_day_before_the_first_is_refused():
    """Such words could never have been read out."""
    body, wrong = read(valid_to_day="30", valid_to_month="6", valid_to_year="2026")
    assert body is None
    assert list(wrong) == ["valid_to"]


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from_day": "0"}, {"valid_from_day": "32"}, {"valid_from_month": "13"}, {"valid_from_year": "26"},
        {"valid_from_year": "99999"}, {"valid_from_day": "-1"}, {"valid_from_month": ""},
    ],
)  # fmt: skip
def test_what_is_no_day_is_asked_for_again(changes):
    """Nothing is guessed."""
    body, wrong = read(**changes)
    assert body is None
    assert list(wrong) == ["valid_from"]


def test_every_field_that_is_wrong_has_a_place_to_mend_it():
    """The summary of what is wrong leads there."""
    assert place_of("valid_from") == "valid_from-day"
    assert place_of("text") == "text"
