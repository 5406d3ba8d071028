"""How answers are written as JSON."""

from datetime import date, datetime
from typing import Any

from flask.json.provider import DefaultJSONProvider


class Rfc3339Json(DefaultJSONProvider):
    """Instants as RFC 3339 in UTC, and keys in the order in which they were written."""

    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        """Write what JSON has no type for."""
        if isinstance(value, datetime):
            return value.isoformat().replace("+00:00", "Z")
        if isinstance(value, date):
            return value.isoformat()
        return DefaultJSONProvider.default(value)
