"""By when an answer is due: the worked examples of the domain reference, and the list against the law's own rules."""

from datetime import date, timedelta

import pytest
from dateutil.easter import easter

from shared.codelists.lists import get
from shared.codelists.working_days import bank_holidays, months_after

NATIONS = ("ENGLAND", "WALES", "SCOTLAND", "NORTHERN_IRELAND")
DAY = timedelta(days=1)
PROCLAIMED = {("SCOTLAND", 2026): {date(2026, 6, 15)}}


def first_monday(year, month):
    return next(date(year, month, n) for n in range(1, 8) if date(year, month, n).weekday() == 0)


def last_monday(year, month):
    day = date(year, month, 31)
    return day - timedelta(days=day.weekday())


def instead(days):
    """Of days in order, those at a weekend move to the next working day that no other one has."""
    taken = set()
    for day in days:
        taken.add(next(d for d in (day + n * DAY for n in range(9)) if d.weekday() < 5 and d not in taken))
    return taken


def by_law(nation, year):
    """The Act's schedule, written out once more."""
    good_friday, scotland = easter(year) - 2 * DAY, nation == "SCOTLAND"
    days = {good_friday, first_monday(year, 5), last_monday(year, 5)}
    days |= instead([date(year, 1, 1), *([date(year, 1, 2)] if scotland else [])])
    # The Act gives a Boxing Day on a Sunday its Monday, and a Christmas Day at a weekend the Tuesday: the same two days.
    days |= instead([date(year, 12, 25), date(year, 12, 26)])
    days |= {first_monday(year, 8)} if scotland else {last_monday(year, 8), easter(year) + DAY}
    days |= instead([date(year, 11, 30)]) if scotland else set()
    if nation == "NORTHERN_IRELAND":
        days |= instead([date(year, 3, 17)]) | instead([date(year, 7, 12)])
    return days | PROCLAIMED.get((nation, year), set())


@pytest.mark.parametrize("year", range(2026, 2031))
@pytest.mark.parametrize("nation", NATIONS)
def test_the_list_is_what_the_law_says(nation, year):
    """Each nation and year, no day more and none fewer."""
    assert {day for day in bank_holidays().nations[nation] if day.year == year} == by_law(nation, year)


def test_the_list_says_where_it_is_from():
    """A version, a source, its years, and nations of the code list."""
    calendar = bank_holidays()
    assert calendar.version >= 1
    assert calendar.source
    assert calendar.years == tuple(range(2026, 2031))
    assert set(calendar.nations) <= set(get("nation").codes)


@pytest.mark.parametrize(
    ("received", "months", "nation", "due"),
    [
        (date(2026, 10, 31), 1, "ENGLAND", date(2026, 11, 30)), (date(2026, 10, 31), 1, "SCOTLAND", date(2026, 12, 1)),
        (date(2026, 3, 3), 1, "WALES", date(2026, 4, 7)), (date(2026, 3, 3), 1, "NORTHERN_IRELAND", date(2026, 4, 7)),
        (date(2026, 3, 3), 1, "SCOTLAND", date(2026, 4, 6)), (date(2027, 1, 31), 1, "ENGLAND", date(2027, 3, 1)),
        (date(2026, 11, 30), 3, "ENGLAND", date(2027, 3, 1)), (date(2028, 1, 31), 1, "ENGLAND", date(2028, 2, 29)),
        (date(2026, 11, 24), 1, "ENGLAND", date(2026, 12, 24)), (date(2026, 11, 25), 1, "ENGLAND", date(2026, 12, 29)),
    ],
)  # fmt: skip
def test_worked_examples(received, months, nation, due):
    """Those of the domain reference, 4.5, and Christmas."""
    assert bank_holidays().working_day(months_after(received, months), nation) == due


@pytest.mark.parametrize("nation", ["OUTSIDE_UK", "NOT_KNOWN", "SOMEWHERE_NEW"])
def test_where_no_holiday_is_known_weekends_alone_move_a_day(nation):
    """So the day is earlier, never later."""
    calendar = bank_holidays()
    assert calendar.working_day(date(2026, 12, 25), nation) == date(2026, 12, 25)
    assert calendar.working_day(date(2026, 12, 26), nation) == date(2026, 12, 28)


def test_a_year_without_a_list_has_weekends_alone():
    """A version of the file that nobody renewed makes days earlier, never later."""
    assert bank_holidays().working_day(date(2031, 12, 25), "ENGLAND") == date(2031, 12, 25)
