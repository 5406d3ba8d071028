"""Days and instants of an export: a column is read as a whole, London's day counts, nothing is guessed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.imports.rules.dates import DateReader, UnreadDateError

TODAY = date(2026, 11, 27)
READER = DateReader(today=TODAY)


def reason(text, reader=READER):
    with pytest.raises(UnreadDateError) as caught:
        reader.read(text)
    assert len(text) < 5 or text not in caught.value.sentence
    return caught.value.reason


@pytest.mark.parametrize(
    "text",
    ["05/10/2026", "5/10/2026", "05.10.2026", "05-10-2026", "2026-10-05", "2026/10/05", "20261005", "5 October 2026", "05-Oct-2026",
     "5th October 2026", "Monday 5 October 2026", "October 5, 2026", "Oct 5 2026", "5 Hydref 2026", "05/10/2026 14:30",
     "2026-10-05T14:30", "2026-10-05 14:30:05.123", "2026-10-05T14:30:00Z", "2026-10-05T14:30:00+01:00", "5/10/2026 2:30 PM"],
)  # fmt: skip
def test_the_usual_ways_to_write_a_day(text):
    """Day first, ISO, month names in English and Welsh, timestamps."""
    assert READER.read(text).day == date(2026, 10, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-30T23:30Z", date(2026, 10, 1)), ("2026-09-30T23:30:00+00:00", date(2026, 10, 1)),
        ("2026-10-01T00:30+02:00", date(2026, 9, 30)), ("2026-10-01T01:30:00+0200", date(2026, 10, 1)),
        ("2026-01-31T23:30Z", date(2026, 1, 31)), ("30/09/2026 23:30 UTC", date(2026, 10, 1)),
        ("2026-09-30T23:30", date(2026, 9, 30)), ("2026-10-01T00:15:00 BST", date(2026, 10, 1)),
    ],
)  # fmt: skip
def test_a_zone_is_honoured(text, day):
    """The day is the one that it was in London."""
    assert READER.read(text).day == day


def test_a_day_counts_from_its_beginning_and_an_instant_from_itself():
    """Never later than it was said."""
    assert READER.read("05/10/2026").since == datetime(2026, 10, 4, 23, tzinfo=UTC)
    assert READER.read("05/10/2026 14:30").since == datetime(2026, 10, 5, 13, 30, tzinfo=UTC)
    assert READER.read("2026-10-05T14:30Z").since == datetime(2026, 10, 5, 14, 30, tzinfo=UTC)


def test_one_sure_month_first_date_makes_its_neighbours_a_question():
    """10/25 in the file: 04/10 could be two days; 25/12 and 10/10 still are one."""
    reader = DateReader.of(["04/10/2026", "10/25/2026", ""], today=TODAY)
    assert reason("04/10/2026", reader) == "ambiguous-date"
    assert reason("04/10/2026 09:00", reader) == "ambiguous-date"
    assert reason("10/25/2026", reader) == "swapped-date"
    assert reader.read("10/10/2026").day == date(2026, 10, 10)
    assert reader.read("25/10/2026").day == date(2026, 10, 25)
    assert reader.read("2026-10-04").day == date(2026, 10, 4)
    assert DateReader.of(["04/10/2026", "25/10/2026"], today=TODAY).read("04/10/2026").day == date(2026, 10, 4)


@pytest.mark.parametrize(
    ("text", "why"),
    [("31/02/2026", "date"), ("02/31/2026", "date"), ("10/13/2026 09:00", "swapped-date"), ("13/25/2026", "date"), ("2026-25-10", "date"), ("05/10/26", "date"), ("46300", "day-number"), ("46300.5", "day-number"), ("01/01/0001", "date"),
     ("01/12/2026", "future-date"), ("2026-11-27T23:30-05:00", "future-date"), ("soon", "date"), ("5 Nonsense 2026", "date"),
     ("05/10/2026 25:00", "date"), ("1" * 500, "date"), ("\u0660\u0665/10/2026", "date")],
)  # fmt: skip
def test_what_is_no_day_says_why(text, why):
    """With a sentence that mends it and does not repeat it."""
    assert reason(text) == why


@given(st.text(max_size=80))
def test_any_text_is_a_day_or_says_why(text):
    """No cell ends in anything else."""
    try:
        assert READER.read(text).day <= TODAY
    except UnreadDateError as error:
        said = error.sentence
        assert said
