"""A day that somebody typed in three fields, as the pages ask for it, and its first instant in London."""

from datetime import UTC, date, datetime, time

from werkzeug.datastructures import MultiDict

from shared.codelists.periods import LONDON
from shared.web.instants import FIRST_YEAR, LAST_YEAR

PARTS = ("day", "month", "year")
_LONGEST = 4


def typed_day(form: MultiDict[str, str], name: str) -> dict[str, str]:
    """Give what was typed, to show it again."""
    return {part: form.get(f"{name}_{part}", "").strip()[:20] for part in PARTS}


def day_of(typed: dict[str, str]) -> date | None:
    """Read a day; None where nothing was typed.

    Raises:
        ValueError: There is no such day, or it lies outside the years that are taken.
    """
    if not any(typed.values()):
        return None
    if not all(part.isascii() and part.isdecimal() and len(part) <= _LONGEST for part in typed.values()):
        raise ValueError
    day, month, year = (int(typed[part]) for part in PARTS)
    if not FIRST_YEAR < year < LAST_YEAR:
        raise ValueError
    return date(year, month, day)


def first_instant(day: date) -> datetime:
    """Give the instant at which a day begins in London."""
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)
