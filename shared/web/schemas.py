"""Schemas that every service's API uses."""

import math
from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load

from shared.web.pointers import UNKNOWN_FIELD

_LARGEST = 2**63 - 1


class StrictSchema(Schema):
    """A body or query with an unknown field is refused, so that a spelling mistake is not silently lost.

    So is what no document can hold: a lone half of a surrogate pair, a number beyond 64 bits, NaN.
    """

    error_messages = {"unknown": UNKNOWN_FIELD, "type": "This is not an object."}  # noqa: RUF012  Marshmallow's way.

    class Meta(Schema.Meta):
        """Refuse what is not declared."""

        unknown = RAISE

    def load(self, data: Any, *, many: bool | None = None, partial: Any = None, unknown: str | None = None) -> Any:
        """Read and check; strict also where webargs would leave unknown parameters of a query out."""
        del unknown
        return super().load(data, many=many, partial=partial, unknown=RAISE)

    @pre_load
    def refuse_what_cannot_be_stored(self, data: Any, **_: Any) -> Any:
        """Look through a JSON body before its fields are read; the query holds text only."""
        if not _can_be_stored(data):
            raise ValidationError("A text or number here cannot be stored.")
        return data


class EmptySchema(StrictSchema):
    """Nothing needs to be said: ``{}``."""


class AnswerSchema(Schema):
    """What a command answers: ids, codes and versions only."""

    id = fields.String()
    version = fields.Integer()


class ProblemPlaceSchema(Schema):
    """One place that is not right."""

    pointer = fields.String(metadata={"description": "JSON pointer into the body, or the parameter"})
    code = fields.String()
    detail = fields.String()


class ProblemSchema(Schema):
    """An error as RFC 9457 has it."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    instance = fields.String(metadata={"description": "Id of the request"})
    trace_id = fields.String()
    errors = fields.List(fields.Nested(ProblemPlaceSchema))


def listed(items: list[dict[str, Any]], next_cursor: str | None = None) -> dict[str, Any]:
    """Give a list as the API shows every list."""
    return {"items": items, "next": next_cursor}


def _can_be_stored(data: Any) -> bool:
    if isinstance(data, Mapping):
        return all(_can_be_stored(key) and _can_be_stored(value) for key, value in data.items())
    if isinstance(data, list):
        return all(_can_be_stored(value) for value in data)
    if isinstance(data, str):
        return not any("\ud800" <= character <= "\udfff" for character in data)
    if isinstance(data, float):
        return math.isfinite(data)
    return not isinstance(data, int) or -_LARGEST <= data <= _LARGEST
