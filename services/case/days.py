"""A day as case's documents keep it: a text of ISO 8601, or nothing where no day is known."""

from datetime import date


def write_day(day: date | None) -> str | None:
    """Give a day as it is stored, for ``Field.write``."""
    return None if day is None else day.isoformat()


def read_day(text: str | None) -> date | None:
    """Read a day that was stored, for ``Field.read``."""
    return None if text is None else date.fromisoformat(text)
