"""Copies on the wire."""

from marshmallow import Schema, fields, validate

from services.case.access.rules import STATES
from shared.web.codes import code_field
from shared.web.schemas import AnswerSchema, StrictSchema

MOST_AT_ONCE = 500


class LeaveOutSchema(StrictSchema):
    """What is to be left out of a part, and why."""

    numbers = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=1)),
        load_default=list,
        validate=validate.Length(max=MOST_AT_ONCE),
        metadata={"description": "Of the things, as the part numbers them; none where the whole part is left out"},
    )
    whole = fields.Boolean(load_default=False, metadata={"description": "The whole part is left out"})
    reason = code_field("access_left_out", required=True)


class SafeToSendSchema(StrictSchema):
    """What was asked of them, or of whoever knows; a no is no check."""

    way_confirmed = fields.Boolean(
        required=True,
        metadata={"description": "The safe way to reach them was asked again, and is the one written down"},
    )
    not_forced = fields.Boolean(
        required=True, metadata={"description": "In private: they want it themselves, and nobody makes them ask"}
    )
    safe_to_keep = fields.Boolean(
        required=True, metadata={"description": "They have a place where nobody else finds it, or read it here"}
    )


class GiveCopySchema(StrictSchema):
    """How they have it."""

    how = code_field("rights_told", required=True)


class CopyAnswerSchema(AnswerSchema):
    """The request, and the copy's version."""


class CopyPartStateSchema(Schema):
    """How far a part is."""

    party = fields.String(metadata={"description": "The service that keeps it"})
    answered_at = fields.AwareDateTime(allow_none=True)
    things = fields.Integer(allow_none=True, metadata={"description": "How many there are; 0 where nothing is held"})
    asked = fields.Integer()
    late = fields.Boolean()
    looked_by = fields.String(allow_none=True)
    looked_at = fields.AwareDateTime(allow_none=True)


class LeftOutSchema(Schema):
    """Something that is left out, or will be once a second reader agrees."""

    id = fields.String()
    party = fields.String()
    numbers = fields.List(fields.Integer(), metadata={"description": "None for the whole part"})
    reason = fields.String()
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()
    agreed_by = fields.String(allow_none=True)
    agreed_at = fields.AwareDateTime(allow_none=True)


class CopySafeSchema(Schema):
    """Who asked whether it is safe, and on which day."""

    by = fields.String()
    on = fields.Date()
    at = fields.AwareDateTime()


class CopyGivenSchema(Schema):
    """How it was given, by whom and when."""

    how = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()


class CopySchema(Schema):
    """How far a copy is; nothing of what stands in it."""

    id = fields.String(metadata={"description": "The request's"})
    survivor_id = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    began_by = fields.String()
    began_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime(metadata={"description": "From then on it is deleted"})
    ended_at = fields.AwareDateTime(allow_none=True)
    parts = fields.List(fields.Nested(CopyPartStateSchema))
    left_out = fields.List(fields.Nested(LeftOutSchema))
    safe = fields.Nested(CopySafeSchema, allow_none=True)
    given = fields.Nested(CopyGivenSchema, allow_none=True)
    version = fields.Integer()


class CopyLineSchema(Schema):
    """One line of a thing."""

    name = fields.String()
    words = fields.String()


class CopyThingSchema(Schema):
    """One thing that is kept about them, in words."""

    what = fields.String()
    when = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(CopyLineSchema))


class NumberedThingSchema(CopyThingSchema):
    """A thing as it is read through."""

    number = fields.Integer()
    left_out = fields.Boolean()


class CopyPartSchema(Schema):
    """A part as it is read through."""

    id = fields.String()
    party = fields.String()
    items = fields.List(fields.Nested(NumberedThingSchema))
    version = fields.Integer()


class JudgedThingSchema(CopyThingSchema):
    """A thing that a second reader judges."""

    number = fields.Integer()


class WaitingLeftOutSchema(LeftOutSchema):
    """What a second reader judges."""

    items = fields.List(fields.Nested(JudgedThingSchema))


class CopyWaitingSchema(Schema):
    """A copy in which something waits for a second reader."""

    id = fields.String()
    waiting = fields.List(fields.Nested(WaitingLeftOutSchema))
    version = fields.Integer()


class CopyWaitingListSchema(Schema):
    """What waits for a second reader."""

    items = fields.List(fields.Nested(CopyWaitingSchema))
    next = fields.String(allow_none=True)


class WrittenPartSchema(Schema):
    """A part of the copy."""

    title = fields.String()
    items = fields.List(fields.Nested(CopyThingSchema))
    nothing = fields.String(allow_none=True, metadata={"description": "The sentence that nothing is kept here"})


class WrittenCopySchema(Schema):
    """The copy, as the person has it."""

    title = fields.String()
    organisation = fields.String()
    collected_on = fields.String()
    parts = fields.List(fields.Nested(WrittenPartSchema))
    left_out = fields.List(fields.String(), metadata={"description": "Why something is left out; not what"})
    notes = fields.List(fields.String())
