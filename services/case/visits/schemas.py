"""Visits on the wire."""

from marshmallow import Schema, ValidationError, fields, validate

from services.case.visits.rules import ENDED, EXTENSIONS, OPEN
from services.case.visits.times import LEAST_EVERY, MOST_EVERY
from shared.web.codes import code_field
from shared.web.instants import InstantField
from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema

LONGEST_PLACE, LONGEST_WHAT_IF = 500, 2_000


def _says_something(text: str) -> None:
    if not text.strip():
        raise ValidationError("Say where you go, so that somebody could look there.")


class PlanVisitSchema(StrictSchema):
    """A visit on which somebody goes alone; the words are sealed."""

    from_at = InstantField(required=True)
    until_at = InstantField(required=True, metadata={"description": "Without a word by then an alarm stands"})
    every_minutes = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=LEAST_EVERY, max=MOST_EVERY),
        metadata={"description": "How often they say that they are safe meanwhile; null for only at the end"},
    )
    told = code_field("visit_told", load_default="SUPERVISORS")
    place = fields.String(required=True, validate=validate.And(validate.Length(max=LONGEST_PLACE), _says_something))
    what_if = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=LONGEST_WHAT_IF))


class LongerSchema(StrictSchema):
    """How much longer."""

    minutes = fields.Integer(required=True, strict=True, validate=validate.OneOf(EXTENSIONS))


class CloseAlarmSchema(StrictSchema):
    """What was found."""

    found = code_field("visit_found", required=True)


class VisitAnswerSchema(AnswerSchema):
    """The visit, and by when the next word must come."""

    due_at = fields.AwareDateTime()


class ListedVisitSchema(Schema):
    """A visit in a list; where it goes stands in none."""

    id = fields.String()
    survivor_id = fields.String(allow_none=True, metadata={"description": "Shown to whoever goes, and to supervisors"})
    goes_id = fields.String()
    told = fields.String()
    from_at = fields.AwareDateTime()
    until_at = fields.AwareDateTime()
    every_minutes = fields.Integer(allow_none=True)
    state = fields.String()
    due_at = fields.AwareDateTime(metadata={"description": "By when the next word must come"})
    safe_at = fields.AwareDateTime(allow_none=True)
    help_at = fields.AwareDateTime(allow_none=True)
    taken_by = fields.String(allow_none=True)
    taken_at = fields.AwareDateTime(allow_none=True)
    closed_by = fields.String(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    found = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    alarm = fields.String(allow_none=True, metadata={"description": "OVERDUE or HELP_ASKED; null where none stands"})
    alarm_at = fields.AwareDateTime(allow_none=True)
    escalated = fields.Boolean(metadata={"description": "Whether it went to every supervisor and the administrator"})
    version = fields.Integer()


class VisitListSchema(Schema):
    """Visits, oldest change first."""

    items = fields.List(fields.Nested(ListedVisitSchema))
    next = fields.String(allow_none=True)


class VisitSchema(ListedVisitSchema):
    """A visit with its words; null once they are no longer kept, and of an erased person."""

    place = fields.String(allow_none=True)
    what_if = fields.String(allow_none=True)


class VisitQuerySchema(PageQuerySchema):
    """Which visits are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf([OPEN, ENDED]))
