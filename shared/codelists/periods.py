"""Periods: calendar quarters and years, and the instants that follow from them, all by London's calendar.

Promise: a day is a day in London, in a rule as on a page and in a file: 14 days after 00:00 there is 00:00 there, also
when the clocks change between (``tests/unit/statistics/test_periods.py`` shows it).

Source: domain reference 14.7 (quarters like the Home Office's) and decisions 5 (seal 15 days after the
period's end at 00:00 Europe/London; both servers close at the seal plus 3 days).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from shared.kernel.errors import InvalidInputError

LONDON = ZoneInfo("Europe/London")
SEAL_AFTER = timedelta(days=15)
CLOSE_AFTER_SEAL = timedelta(days=3)
NOT_PUBLISHED_AFTER_OPENING = timedelta(days=14)
QUARTER, YEAR = "QUARTER", "YEAR"

_PERIOD = re.compile(r"(\d{4})(?:-Q([1-4]))?")


class InvalidPeriodError(InvalidInputError):
    """A period is a quarter such as 2026-Q3 or a year such as 2026."""

    code = "invalid-period"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__("A period is a quarter such as 2026-Q3 or a year such as 2026.")


def days_after(moment: datetime, wait: timedelta) -> datetime:
    """Give the instant so many London days later, at the same time of day there, in UTC."""
    return (moment.astimezone(LONDON) + wait).astimezone(UTC)


def london_day(moment: datetime) -> date:
    """Give the day on which an instant falls in London."""
    return moment.astimezone(LONDON).date()


def day_words(moment: datetime) -> str:
    """Write that day, such as ``1 February 2027``."""
    day = london_day(moment)
    return f"{day.day} {day:%B %Y}"


def month_words(month: str) -> str:
    """Write a month such as ``2026-08`` in words, as ``August 2026``; what is none stays as it is."""
    try:
        return f"{datetime.strptime(month, '%Y-%m').replace(tzinfo=UTC):%B %Y}"
    except ValueError:
        return month


@dataclass(frozen=True, kw_only=True)
class Period:
    """A quarter, or a whole year where ``quarter`` is None."""

    year: int
    quarter: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a period.

        Raises:
            InvalidPeriodError: It is none.
        """
        match = _PERIOD.fullmatch(text)
        if match is None:
            raise InvalidPeriodError
        return cls(year=int(match[1]), quarter=int(match[2]) if match[2] else None)

    @classmethod
    def of_month(cls, month: str) -> Self:
        """Give the quarter of a month such as ``2026-09``."""
        year, number = month.split("-")
        return cls(year=int(year), quarter=(int(number) + 2) // 3)

    def __str__(self) -> str:
        """Give the period's id."""
        return f"{self.year}-Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def kind(self) -> str:
        """``QUARTER`` or ``YEAR``; a plan is of one kind too, and both must be the same."""
        return YEAR if self.quarter is None else QUARTER

    def quarters(self) -> tuple[str, ...]:
        """Give the ids of its quarters."""
        if self.quarter:
            return (str(self),)
        return tuple(f"{self.year}-Q{quarter}" for quarter in (1, 2, 3, 4))

    def contains(self, month: str) -> bool:
        """Whether a month such as ``2026-09`` lies in it."""
        return str(Period.of_month(month)) in self.quarters()

    def starts_on(self) -> date:
        """Give its first day."""
        return date(self.year, ((self.quarter or 1) - 1) * 3 + 1, 1)

    def previous(self) -> "Period":
        """Give the period of the same kind before it."""
        if self.quarter is None:
            return Period(year=self.year - 1, quarter=None)
        return Period(year=self.year - (self.quarter == 1), quarter=(self.quarter + 2) % 4 + 1)

    def ends_at(self) -> datetime:
        """Give the first instant after it, in UTC."""
        month = (self.quarter or 4) * 3
        first_after = date(self.year + month // 12, month % 12 + 1, 1)
        return datetime.combine(first_after, time(), tzinfo=LONDON).astimezone(UTC)

    def seal_at(self) -> datetime:
        """Give the seal: 15 days after the last day, 00:00 Europe/London, in UTC."""
        month = (self.quarter or 4) * 3
        last_day = date(self.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return datetime.combine(last_day + SEAL_AFTER, time(), tzinfo=LONDON).astimezone(UTC)

    def closes_at(self) -> datetime:
        """Give the instant from which no report is taken."""
        return days_after(self.seal_at(), CLOSE_AFTER_SEAL)
