"""Periods: which months they hold, when they end, seal and close, in London's time."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codelists.periods import (
    NOT_PUBLISHED_AFTER_OPENING,
    InvalidPeriodError,
    Period,
    day_words,
    days_after,
    month_words,
)

LONDON = ZoneInfo("Europe/London")
years = st.integers(2000, 2100)
periods = st.builds(Period, year=years, quarter=st.sampled_from([None, 1, 2, 3, 4]))


@given(periods)
def test_round_trip(period):
    """A period's id reads back as the same period."""
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    "text", ["", "2026-Q0", "2026-Q5", "2026Q3", "26-Q3", "2026-q3", "2026-Q3 ", "2026-09", "2026-Q3\n"]
)
def test_anything_else_is_no_period(text):
    """A month, another spelling or a stray character is refused."""
    with pytest.raises(InvalidPeriodError):
        Period.parse(text)


@given(years, st.integers(1, 12))
def test_each_month_is_in_one_quarter_and_its_year(year, month):
    """A month lies in exactly one of the year's quarters, and in that year alone."""
    text = f"{year}-{month:02}"
    holding = [q for q in (1, 2, 3, 4) if Period(year=year, quarter=q).contains(text)]
    assert holding == [Period.of_month(text).quarter] == [(month - 1) // 3 + 1]
    assert Period(year=year, quarter=None).contains(text)
    assert not Period(year=year + 1, quarter=None).contains(text)


@given(periods)
def test_it_ends_seals_and_closes_at_londons_midnight(period):
    """The day after the last; the fifteenth day after the last, at midnight; three days later it closes."""
    ends, seals = period.ends_at().astimezone(LONDON), period.seal_at().astimezone(LONDON)
    assert (ends.hour, ends.minute, seals.hour, seals.minute) == (0, 0, 0, 0)
    last_day = ends.date() - timedelta(days=1)
    assert seals.date() == last_day + timedelta(days=15)
    assert period.contains(f"{last_day:%Y-%m}")
    assert not period.contains(f"{ends:%Y-%m}")
    assert period.closes_at() - period.seal_at() == timedelta(days=3)


@pytest.mark.parametrize(
    ("period", "closes", "lapses"),
    [
        ("2026-Q3", "18 October 2026", "1 November 2026"),
        ("2026-Q4", "18 January 2027", "1 February 2027"),
        ("2026", "18 January 2027", "1 February 2027"),
        ("2026-Q1", "18 April 2026", "2 May 2026"),
    ],
)
def test_the_days_that_follow_are_counted_in_london(period, closes, lapses):
    """Fourteen days later is fourteen days later there, at midnight, also when the clocks go back between."""
    closing = Period.parse(period).closes_at()
    last = days_after(closing, NOT_PUBLISHED_AFTER_OPENING)
    assert (day_words(closing), day_words(last)) == (closes, lapses)
    assert last.astimezone(LONDON).hour == 0


@given(periods)
def test_periods_of_a_kind_follow_each_other(period):
    """The one before ends on the day this one starts; its seal lies in this one."""
    before = period.previous()
    assert (before.quarter is None) == (period.quarter is None)
    assert before.ends_at().astimezone(LONDON).date() == period.starts_on()
    assert before.seal_at() < period.ends_at()


@given(years)
def test_a_year_is_its_four_quarters(year):
    """It starts with the first and ends with the last."""
    whole = Period(year=year, quarter=None)
    quarters = [Period.parse(text) for text in whole.quarters()]
    assert [q.quarter for q in quarters] == [1, 2, 3, 4]
    assert quarters[0].starts_on() == whole.starts_on() == date(year, 1, 1)
    assert quarters[3].seal_at() == whole.seal_at()


def test_summer_time():
    """A seal in summer is an hour earlier in UTC."""
    assert Period.parse("2026-Q2").seal_at().isoformat() == "2026-07-14T23:00:00+00:00"
    assert Period.parse("2026").seal_at().isoformat() == "2027-01-15T00:00:00+00:00"
    assert isinstance(Period.parse("2026").ends_at(), datetime)


@pytest.mark.parametrize(("month", "said"), [("2026-08", "August 2026"), ("2026-13", "2026-13"), ("", "")])
def test_a_month_in_words(month, said):
    """What is no month stays as it is."""
    assert month_words(month) == said
