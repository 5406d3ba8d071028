"""Stops on the wire."""

from marshmallow import Schema, fields, validate

from services.consent.stops.rules import LIFTED, OPEN
from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import StrictSchema


class StopSchema(StrictSchema):
    """Who said it; an id goes in a body, so that none stands in an address or a log."""

    survivor_id = fields.UUID(required=True)


class LiftSchema(StrictSchema):
    """Why it is lifted."""

    why = code_field("stop_lifted", required=True)


class StopRowSchema(Schema):
    """A stop."""

    id = fields.String()
    survivor_id = fields.String()
    asked_by = fields.String()
    asked_role = fields.String()
    asked_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(metadata={"description": "By when somebody spoke with the person, in private"})
    late = fields.Boolean()
    ended = fields.Integer(metadata={"description": "How many permissions it ended"})
    waiting = fields.Integer(metadata={"description": "How many could not be ended yet; they are tried again"})
    dropped = fields.Integer(metadata={"description": "How many prepared conversations it dropped"})
    state = fields.String()
    why = fields.String(allow_none=True)
    lifted_by = fields.String(allow_none=True)
    lifted_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class StopListSchema(Schema):
    """Stops, the longest untouched first."""

    items = fields.List(fields.Nested(StopRowSchema))
    next = fields.String(allow_none=True)


class OpenWithdrawalSchema(Schema):
    """What it ended, and how many have still to answer."""

    id = fields.String()
    purpose = fields.String()
    state = fields.String()
    open = fields.Integer()


class StandingSchema(Schema):
    """The stop that stands of a person; nulls where none does."""

    stop_id = fields.String(allow_none=True)
    asked_at = fields.AwareDateTime(allow_none=True)


class WholeStopSchema(StopRowSchema):
    """A stop with what it ended, what has gone already and what still waits."""

    ended_purposes = fields.List(fields.String())
    waiting_purposes = fields.List(fields.String())
    withdrawals = fields.List(fields.Nested(OpenWithdrawalSchema))
    receipts = fields.Integer(metadata={"description": "How many receipts were handed out; they cannot be called back"})


class StopQuerySchema(PageQuerySchema):
    """Which stops are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf([OPEN, LIFTED]))
