"""By when a rights case is to be answered: plain rules, no database and no clock of their own.

Promise: the day is never later than the law allows. It counts from the day on which the request arrived, whoever wrote
it down later. Shown by tests/unit/case/test_rights_clock.py.
Source: domain reference 4.5. While the clock is stopped its days are added, the first and last of them counted once.
Limit: that article 12A may begin the month anew once somebody's identity is sure is not used; our day is the earlier.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.codelists.working_days import bank_holidays, months_after

ANSWER_MONTHS, EXTENDED_MONTHS = 1, 3
ACKNOWLEDGE_WITHIN = timedelta(days=30)
"""Of a complaint (Data Protection Act 2018 section 164A, in force since 19 June 2026)."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The clock of one rights case.

    Attributes:
        received_on: The day in London on which the request arrived.
        nation: The host's own, whose bank holidays count.
        extended: Whether up to two months more were taken.
        stopped_days: For how many days it has stood in all.
        stopped_on: Since when it stands; None while it goes.
    """

    received_on: date
    nation: str
    extended: bool = False
    stopped_days: int = 0
    stopped_on: date | None = None

    @property
    def due_on(self) -> date:
        """The last day to answer, as if a clock that stands now went on at once."""
        months = EXTENDED_MONTHS if self.extended else ANSWER_MONTHS
        return self._working(months_after(self.received_on, months) + timedelta(days=self.stopped_days))

    @property
    def extend_by(self) -> date:
        """The last day to take more time, and to say so: within the first month."""
        return self._working(months_after(self.received_on, ANSWER_MONTHS) + timedelta(days=self.stopped_days))

    @property
    def acknowledge_by(self) -> date:
        """The last day to say that a complaint has arrived; a weekend does not move it, and nothing stops it."""
        return self.received_on + ACKNOWLEDGE_WITHIN

    def days_stopped_until(self, today: date) -> int:
        """Give for how many days it has stood in all if it goes on today."""
        since = 0 if self.stopped_on is None else max(0, (today - self.stopped_on).days)
        return self.stopped_days + since

    def _working(self, day: date) -> date:
        return bank_holidays().working_day(day, self.nation)
