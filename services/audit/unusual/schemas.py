"""Unusual access on the wire."""

from marshmallow import Schema, fields, validate

from services.audit.unusual.finding import STATES
from services.audit.unusual.rules import RULES
from services.audit.unusual.sealing import LONGEST
from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import StrictSchema


class FindingQuerySchema(PageQuerySchema):
    """Which findings."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class ClosingSchema(Schema):
    """What somebody said when they closed it."""

    by = fields.String()
    at = fields.AwareDateTime()
    reason = fields.String()
    words = fields.String()


class FindingSchema(Schema):
    """One person and one rule."""

    id = fields.String()
    actor_id = fields.String(metadata={"description": "Whom it concerns"})
    role = fields.String()
    rule = fields.String(validate=validate.OneOf(RULES))
    rules_version = fields.Integer()
    state = fields.String(validate=validate.OneOf(STATES))
    entry_ids = fields.List(
        fields.String(), metadata={"description": "Of the entries that fit; of many the first and the newest"}
    )
    times = fields.Integer(metadata={"description": "How many entries fit since it was opened"})
    odd_hours = fields.Integer(metadata={"description": "How many of these at night or on a weekend, in London"})
    first_at = fields.AwareDateTime()
    last_at = fields.AwareDateTime()
    raised_at = fields.AwareDateTime()
    closings = fields.List(fields.Nested(ClosingSchema))
    version = fields.Integer()


class FindingListSchema(Schema):
    """Findings and the cursor of the next page."""

    items = fields.List(fields.Nested(FindingSchema))
    next = fields.String(allow_none=True)


class FindingCloseSchema(StrictSchema):
    """What it was."""

    reason = code_field("unusual_reason", required=True)
    words = fields.String(
        required=True,
        validate=[
            validate.Length(min=1, max=LONGEST),
            validate.Regexp(r"\s*\S", error="Write in a sentence what you found."),
        ],
        metadata={"description": "What you found, in a sentence; kept sealed. Name nobody whom you support"},
    )


class PassSchema(Schema):
    """How far one pass over the log is."""

    id = fields.String()
    next = fields.Integer(metadata={"description": "The place in the log from which it reads on"})
    looked_at = fields.AwareDateTime(allow_none=True)
    not_known = fields.Integer(metadata={"description": "Looks of which nobody said how the reader stands to whom"})
    not_understood = fields.Integer(metadata={"description": "Entries that could not be judged"})


class LookingSchema(Schema):
    """When the log was last read for unusual access, and by which bounds."""

    rules_version = fields.Integer()
    people = fields.Integer(metadata={"description": "People who have an advocate; the bounds follow from it"})
    people_an_hour = fields.Integer()
    people_a_day = fields.Integer()
    log_size = fields.Integer()
    passes = fields.List(fields.Nested(PassSchema))
