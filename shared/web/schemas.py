"""Schemas that every service's API uses."""

from typing import Any

from marshmallow import RAISE, Schema, fields


class StrictSchema(Schema):
    """A body with an unknown field is refused, so that a spelling mistake is not silently lost."""

    class Meta:
        """Refuse what is not declared."""

        unknown = RAISE


class AnswerSchema(Schema):
    """What a command answers: ids, codes and versions only."""

    id = fields.String()
    version = fields.Integer()


def listed(items: list[dict[str, Any]], next_cursor: str | None = None) -> dict[str, Any]:
    """Give a list as the API shows every list."""
    return {"items": items, "next": next_cursor}
