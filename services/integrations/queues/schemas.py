"""Spelling of queues on the wire."""

from marshmallow import Schema, fields, validate

from services.integrations.queues.documents import WAITS
from services.integrations.type_fields import types_field
from shared.web.schemas import StrictSchema


class RequestQueueSchema(StrictSchema):
    """A new queue; it begins with what happens from now on."""

    types = types_field("Event types that it gets; null for all")


class EventQueueSchema(Schema):
    """A queue and how it stands."""

    id = fields.String()
    queue = fields.String(metadata={"description": "Its name at the broker"})
    types = fields.List(fields.String(), allow_none=True)
    position = fields.Integer(metadata={"description": "Everything that fits up to it was confirmed by the broker"})
    lag = fields.Integer(metadata={"description": "Positions of any type that are not in it yet"})
    skipped = fields.Integer(metadata={"description": "Positions that became too old while it waited"})
    waits_for = fields.String(
        allow_none=True,
        validate=validate.OneOf(WAITS),
        metadata={
            "description": "Why nothing goes into it: it is not made yet, it is full, the broker does not answer, "
            "or its place is beyond the store's end; null where it does"
        },
    )
    updated_at = fields.AwareDateTime()
    version = fields.Integer()


class EventQueueListSchema(Schema):
    """All queues of the host."""

    items = fields.List(fields.Nested(EventQueueSchema))
    next = fields.String(allow_none=True)
