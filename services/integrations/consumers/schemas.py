"""Spelling of consumers on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.integrations.type_fields import types_field
from shared.contracts.fields import MAX_COUNT
from shared.web.instants import InstantField
from shared.web.schemas import AnswerSchema, StrictSchema

_POSITION = validate.Range(min=0, max=MAX_COUNT)


class KeepConsumerSchema(StrictSchema):
    """A consumer; a known one keeps its cursor."""

    types = types_field("Event types that it reads; null for all")
    begin = fields.String(
        load_default="OLDEST",
        validate=validate.OneOf(["OLDEST", "NOW"]),
        metadata={"description": "Where a new one begins"},
    )


class AcknowledgeSchema(StrictSchema):
    """Everything up to here was taken."""

    position = fields.Integer(required=True, strict=True, validate=_POSITION)


class SeekSchema(StrictSchema):
    """Where to read on: after a position, or from an instant."""

    position = fields.Integer(load_default=None, strict=True, validate=_POSITION)
    at = InstantField(load_default=None)

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        """Take one and not both."""
        if (data["position"] is None) == (data["at"] is None):
            raise ValidationError("Say position or at, and not both.", "position")


class MovedSchema(AnswerSchema):
    """Where the cursor stands now."""

    position = fields.Integer()


class ConsumerSchema(Schema):
    """A consumer and how far behind it is."""

    name = fields.String()
    owner_id = fields.String()
    types = fields.List(fields.String(), allow_none=True)
    position = fields.Integer(metadata={"description": "The stored cursor"})
    head = fields.Integer(metadata={"description": "The newest position"})
    lag = fields.Integer(metadata={"description": "Positions behind, of all types"})
    too_old = fields.Boolean(metadata={"description": "It fell behind what is kept: take a snapshot, then seek"})
    acknowledged_at = fields.AwareDateTime(allow_none=True)
    updated_at = fields.AwareDateTime()
    version = fields.Integer()


class ConsumerListSchema(Schema):
    """All consumers that the caller may see."""

    items = fields.List(fields.Nested(ConsumerSchema))
    next = fields.String(allow_none=True)
