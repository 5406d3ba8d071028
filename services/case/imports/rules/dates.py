"""Days and instants as exports write them; a column is read as a whole before any of its cells is.

Promise: a day that may be day-first or month-first is never guessed: where one cell of the file's dates is surely
month-first (10/25/2026), every cell that could be either is a question. An instant with a zone is the day that it is
in London: 2026-09-30T23:30Z is 1 October. Shown by ``tests/unit/case/test_import_dates.py``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.codelists.periods import LONDON
from shared.codelists.words import fold

FIRST_YEAR = 1900
LONGEST = 60
"""Characters of the longest way to write an instant."""

QUESTION = "\u2049"
"""Stands before a day of a column whose own dates contradict the order that its mapping profile says."""

AMBIGUOUS = "ambiguous-date"
"""The problem of a day that could be two."""

SWAPPED = "swapped-date"
"""The problem of what is a day only the other way round: read so, its neighbours might be other days than they say."""

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan ionawr", "february feb chwefror", "march mar mawrth", "april apr ebrill", "may mai",
            "june jun mehefin", "july jul gorffennaf", "august aug awst", "september sept sep medi",
            "october oct hydref", "november nov tachwedd", "december dec rhagfyr",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_TIME = r"(?:[T ,]+(?:at )?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>am|pm)?)?"
_ZONE = r"\s*(?P<zone>z|utc|gmt|bst|[+-]\d{2}:?\d{2})?"
_NAMED_DAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_FORMS = tuple(
    re.compile(form + _TIME + _ZONE, re.IGNORECASE | re.ASCII)
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{1,2})(?P<either>[/.-])(?P<month>\d{1,2})[/.-](?P<year>\d{4})",
        _NAMED_DAY + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]?(?P<name>[a-z]{3,10})\.?,?[ -]?(?P<year>\d{4})",
        _NAMED_DAY + r"(?P<name>[a-z]{3,10})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})",
    )
)
_TWO_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}(?!\d)", re.ASCII)
_DAY_NUMBER = re.compile(r"[34]\d{4}(?:\.\d+)?", re.ASCII)
_YEAR_MONTHS = 12
_NOON = 12


class UnreadDateError(Exception):
    """A cell is no day that can be read for sure.

    Attributes:
        reason: ``date``, ``ambiguous-date``, ``swapped-date``, ``future-date`` or ``day-number``.
        sentence: Why, and how to mend it; nothing of the cell.
    """

    def __init__(self, reason: str, sentence: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.reason = reason
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A day in London, and the instant from which it counts.

    Attributes:
        since: The instant that was written, else the day's beginning: never later than it was said.
    """

    day: date
    since: datetime


@dataclass(frozen=True, kw_only=True)
class DateReader:
    """Reads the dates of one file.

    Attributes:
        today: The business day; a date after it is refused.
        month_first: Whether some date of the file is surely month-first.
    """

    today: date
    month_first: bool = False

    @classmethod
    def of(cls, cells: Iterable[str], *, today: date) -> "DateReader":
        """Look at every cell of the file's date columns, then read."""
        return cls(today=today, month_first=any(map(_is_surely_month_first, cells)))

    def read(self, text: str) -> Moment:
        """Read a cell.

        Raises:
            UnreadDateError: It is no day, could be two days, is too long ago, or has not come yet.
        """
        moment = self._moment(" ".join(text.split()))
        if moment.day.year < FIRST_YEAR:
            raise UnreadDateError("date", "This year is too long ago. Write the year with four digits.")
        if moment.day > self.today:
            raise UnreadDateError("future-date", "This day lies in the future. Correct it.")
        return moment

    def _moment(self, text: str) -> Moment:
        if text.startswith(QUESTION):
            raise UnreadDateError(
                AMBIGUOUS,
                "Some dates of this column have the day first and some the month, so this could be two days. "
                "Export dates as 2026-12-31.",
            )
        match = next((m for form in _FORMS if (m := form.fullmatch(text))), None) if len(text) <= LONGEST else None
        if match is None:
            if _DAY_NUMBER.fullmatch(text):
                raise UnreadDateError(
                    "day-number", "A spreadsheet wrote its own day number here. Format the column as a date, day first."
                )
            raise UnreadDateError("date", "Write the day first, with four digits for the year: 31/12/2026.")
        parts = match.groupdict()
        month = int(parts["month"]) if parts.get("month") else _MONTHS.get(fold(parts["name"]), 0)
        if parts.get("either") and self.month_first and month <= _YEAR_MONTHS >= int(parts["day"]) != month:
            raise UnreadDateError(
                AMBIGUOUS,
                "Other dates of this file have the month first, so this could be two days. "
                "Export dates with the day first, or as 2026-12-31.",
            )
        try:
            day = date(int(parts["year"]), month, int(parts["day"]))
            return _in_london(day, parts)
        except (ValueError, OverflowError) as error:
            if month > _YEAR_MONTHS and parts.get("either") and _is_day(parts["year"], parts["day"], parts["month"]):
                raise UnreadDateError(
                    SWAPPED,
                    "Day and month look swapped: this is a day only with the month first. If the system writes all of "
                    "them so, map the column with the order month-first. Else write the day first: 31/12/2026.",
                ) from error
            raise UnreadDateError("date", "There is no such day. Write the day first: 31/12/2026.") from error


def _is_day(year: str | None, month: str | None, day: str | None) -> bool:
    try:
        date(int(year or 0), int(month or 0), int(day or 0))
    except ValueError:
        return False
    return True


def says_order(cell: str) -> str | None:
    """Say in which order a day is surely written: ``day-first``, ``month-first``, or None where it could be both."""
    match = _TWO_NUMBERS.match(cell.strip())
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    if first <= _YEAR_MONTHS < second:
        return MONTH_FIRST
    return DAY_FIRST if second <= _YEAR_MONTHS < first else None


def in_order(cell: str, order: str, *, contradicted: bool) -> str:
    """Write a day of two numbers with its year first; where the column contradicts itself, as a question."""
    match = _TWO_NUMBERS.match(cell.strip())
    if match is None:
        return cell
    first, second = match[1], match[2]
    if contradicted and first != second and max(int(first), int(second)) <= _YEAR_MONTHS:
        return QUESTION + cell.strip()
    month_first = (says_order(cell) or order) == MONTH_FIRST
    month, day = (first, second) if month_first else (second, first)
    year = match[0][-4:]
    return f"{year}-{month:0>2}-{day:0>2}{cell.strip()[match.end() :]}"


def _is_surely_month_first(cell: str) -> bool:
    match = _TWO_NUMBERS.match(cell.strip())
    return match is not None and int(match[1]) <= _YEAR_MONTHS < int(match[2])


def _in_london(day: date, parts: dict[str, str | None]) -> Moment:
    if parts["hour"] is None:
        return Moment(day=day, since=datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC))
    hour = int(parts["hour"])
    if parts["half"]:
        hour = hour % _NOON + (_NOON if parts["half"].casefold() == "pm" else 0)
    local = datetime.combine(day, time(hour, int(parts["minute"] or 0), int(parts["second"] or 0)))
    since = (local - _offset(parts["zone"])).replace(tzinfo=UTC) if parts["zone"] else _of_london(local)
    return Moment(day=since.astimezone(LONDON).date(), since=since)


def _of_london(local: datetime) -> datetime:
    return local.replace(tzinfo=LONDON).astimezone(UTC)


def _offset(zone: str) -> timedelta:
    named = {"z": 0, "utc": 0, "gmt": 0, "bst": 1}
    if zone.casefold() in named:
        return timedelta(hours=named[zone.casefold()])
    sign = -1 if zone.startswith("-") else 1
    digits = zone[1:].replace(":", "")
    return sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
