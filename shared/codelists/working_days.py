"""Days by which an answer is due: calendar months, weekends, and each nation's bank holidays as policy data.

Promise: a due day is never later than the law allows: a holiday that is not listed, a year without a list and a host
outside the four nations give the earlier day. Shown by tests/unit/statistics/test_working_days.py.
Source: domain reference 4.5 (the corresponding day of the month, else its last; a weekend or public holiday moves it to
the next working day) and its worked examples.
"""

import calendar
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources

import yaml

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The bank holidays of each nation.

    Attributes:
        version: Rises with each change of the file; kept with what was counted by it.
        years: For which the list is whole.
        nations: Days from Monday to Friday, by code of the list ``nation``.
    """

    version: int
    source: str
    years: tuple[int, ...]
    nations: Mapping[str, frozenset[date]]

    def is_working(self, day: date, nation: str) -> bool:
        """Whether a day is neither at a weekend nor a bank holiday there."""
        return day.weekday() < _SATURDAY and day not in self.nations.get(nation, frozenset())

    def working_day(self, day: date, nation: str) -> date:
        """Give the day itself, or the next working day there."""
        while not self.is_working(day, nation):
            day += _ONE_DAY
        return day


def months_after(day: date, months: int) -> date:
    """Give the corresponding day so many months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@functools.cache
def bank_holidays() -> Calendar:
    """Give the calendar that is in force."""
    text = resources.files(__package__).joinpath("data/policy/bank_holidays.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    return Calendar(
        version=content["version"],
        source=content["source"],
        years=tuple(content["years"]),
        nations={code: frozenset(day for year in years for day in year) for code, years in content["nations"].items()},
    )
