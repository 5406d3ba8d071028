"""The clock of a rights case: it counts from the day of arrival, and no stop makes it later than the law allows."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.rights.clock import Clock
from shared.codelists.working_days import bank_holidays, months_after

DAYS = st.dates(date(2026, 1, 1), date(2030, 6, 30))
NATIONS = st.sampled_from(["ENGLAND", "WALES", "SCOTLAND", "NORTHERN_IRELAND", "NOT_KNOWN"])


def test_days_that_it_stood_are_added():
    """Five days of waiting for an identity make the last day five days later, and then a working day."""
    clock = Clock(received_on=date(2026, 10, 1), nation="ENGLAND", stopped_on=date(2026, 10, 10))
    assert clock.days_stopped_until(date(2026, 10, 15)) == 5
    gone_on = Clock(received_on=date(2026, 10, 1), nation="ENGLAND", stopped_days=5)
    assert gone_on.due_on == date(2026, 11, 6)
    assert Clock(received_on=date(2026, 10, 1), nation="ENGLAND", stopped_days=6).due_on == date(2026, 11, 9)


def test_a_stop_within_a_day_adds_nothing():
    """Stopped and gone on the same day, or by a clock that was set back."""
    clock = Clock(received_on=date(2026, 10, 1), nation="ENGLAND", stopped_on=date(2026, 10, 10), stopped_days=2)
    assert clock.days_stopped_until(date(2026, 10, 10)) == 2
    assert clock.days_stopped_until(date(2026, 10, 9)) == 2


@pytest.mark.parametrize("received", [date(2026, 6, 19), date(2026, 11, 26)])
def test_a_complaint_is_acknowledged_within_thirty_days(received):
    """A weekend or holiday does not make it later, and nothing stops it."""
    clock = Clock(received_on=received, nation="SCOTLAND", stopped_on=received, stopped_days=9)
    assert clock.acknowledge_by == received + timedelta(days=30)


@given(received=DAYS, nation=NATIONS, stopped=st.integers(0, 60), extended=st.booleans())
def test_the_last_day_is_a_working_day_and_never_late(received, nation, stopped, extended):
    """At most the month and the days that it stood, moved by fewer days than any run of weekend and holidays has."""
    due = Clock(received_on=received, nation=nation, extended=extended, stopped_days=stopped).due_on
    exact = months_after(received, 3 if extended else 1) + timedelta(days=stopped)
    assert exact <= due <= exact + timedelta(days=5)
    assert bank_holidays().is_working(due, nation)
    between = [exact + timedelta(days=n) for n in range((due - exact).days)]
    assert not any(bank_holidays().is_working(day, nation) for day in between)


@given(received=DAYS, nation=NATIONS)
def test_more_time_is_told_within_the_first_month(received, nation):
    """The day by which it is told is the day that it was due."""
    clock = Clock(received_on=received, nation=nation, extended=True)
    assert clock.extend_by == Clock(received_on=received, nation=nation).due_on
    assert clock.extend_by < clock.due_on
