"""Who covers on which day, and how full a caseload is: plain rules."""

from datetime import UTC, date, datetime, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from services.case.caseload.errors import CoverDaysError
from services.case.caseload.forms import typed_limit, typed_move
from services.case.caseload.rules import FULL, LONGEST_DAYS, OVER, ROOM, UNSTATED, check_days, fullness
from services.case.caseload.words import gauge
from services.case.survivors.covers import Cover, read_covers, write_covers
from shared.kernel.ids import new_id

TODAY, DAY = date(2026, 10, 20), timedelta(days=1)


def cover(**changes):
    said = {"cover_id": "c", "by": "ben", "instead_of": "ann", "first_on": TODAY, "last_on": TODAY + 7 * DAY}
    return Cover(**{**said, **changes})


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (7, True), (8, False)])
def test_a_cover_holds_from_its_first_day_to_its_last(days, holds):
    """And neither before nor after."""
    assert cover().holds(TODAY + days * DAY) is holds


def test_other_services_are_told_londons_midnights():
    """Also where a clock is put back in between: the last day ends with its own midnight."""
    told = cover().told()
    assert told.starts_at == datetime(2026, 10, 19, 23, tzinfo=UTC)
    assert told.ends_at == datetime(2026, 10, 28, tzinfo=UTC)


def test_what_is_stored_is_read_again():
    """Each field."""
    assert read_covers(write_covers([cover()])) == (cover(),)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(-1, 3, "first_on"), (3, 2, "last_on"), (0, LONGEST_DAYS + 1, "last_on"), (0, 0, None), (5, LONGEST_DAYS, None)],
)
def test_days_that_do_not_fit_are_pointed_at(first, last, field):
    """Nothing is backdated, nothing ends before it begins, and nothing lasts for ever."""
    if field is None:
        check_days(TODAY + first * DAY, TODAY + last * DAY, TODAY)
        return
    with pytest.raises(CoverDaysError) as caught:
        check_days(TODAY + first * DAY, TODAY + last * DAY, TODAY)
    assert caught.value.problems[0]["pointer"] == f"#/{field}"


@pytest.mark.parametrize(
    ("supported", "limit", "code", "words", "state"),
    [(3, 5, ROOM, "3 of 5 people supported", "Room for 2"), (5, 5, FULL, "5 of 5 people supported", "Full"),
     (7, 5, OVER, "7 of 5 people supported", "2 over the limit"), (1, None, UNSTATED, "1 person supported", "")],
)  # fmt: skip
def test_how_full_it_is_stands_in_words(supported, limit, code, words, state):
    """The colour repeats them."""
    assert fullness(supported, limit) == code
    said = gauge(supported, limit, code)
    assert (said["words"], said["state"]) == (words, state)


def test_a_form_says_nothing_that_was_not_looked_at():
    """Days count only while somebody is away; whoever is ticked beside everybody is one of them."""
    to, one = new_id(), new_id()
    typed = typed_move(MultiDict([("to", to), ("how", "GIVE"), ("survivors", one), ("first_day", "x")]))
    assert (typed.wrong, typed.survivor_ids, typed.first_on) == ({}, (one,), None)
    typed = typed_move(MultiDict([("to", to), ("how", "COVER"), ("everybody", "yes"), ("first_day", "31")]))
    assert typed.survivor_ids is None
    assert set(typed.wrong) == {"first", "last"}
    assert set(typed_move(MultiDict([("survivors", "me")])).wrong) == {"people", "to", "how"}


@pytest.mark.parametrize(("text", "read"), [("", (None, True)), (" 20 ", (20, True)), ("0", (None, False)),
                                            ("501", (None, False)), ("²", (None, False)), ("-1", (None, False))])  # fmt: skip
def test_a_limit_is_a_whole_number_or_none(text, read):
    """Whatever somebody types."""
    assert typed_limit(text) == read
