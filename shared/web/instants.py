"""Instants in bodies and queries: with a time zone, and in years that every store and calendar can hold."""

from datetime import UTC, date, datetime
from typing import Any

from marshmallow import ValidationError, fields

FIRST_YEAR, LAST_YEAR = 1900, 2200


class InstantField(fields.AwareDateTime):
    """An instant with its time zone, given on in UTC.

    A year outside 1900 to 2200 is a slip of the pen, and at the calendar's ends another time zone has no such day.
    """

    default_error_messages = {"year": f"The year lies outside {FIRST_YEAR} to {LAST_YEAR}."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = super()._deserialize(value, attr, data, **kwargs)
        if not is_storable(found):
            raise self.make_error("year")
        return found.astimezone(UTC)


def is_storable(moment: datetime) -> bool:
    """Whether a moment lies in the years that are taken."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def is_plausible_day(day: date) -> None:
    """Refuse a day outside the years that are taken; for ``fields.Date(validate=...)``.

    Raises:
        ValidationError: It lies outside.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"The year lies outside {FIRST_YEAR} to {LAST_YEAR}.")
