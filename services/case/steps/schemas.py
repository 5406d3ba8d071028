"""Steps on the wire."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.case.contacts.rules import says_something
from services.case.steps.rules import (
    DEFAULT_WEEKS,
    FOLLOW_UP,
    KINDS,
    MOST_WEEKS,
    REVIEW,
    STATES,
    WHY_DROPPED,
)
from shared.web.instants import is_plausible_day
from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema

LONGEST_WHAT = 500


def _is_day(day: date) -> None:
    is_plausible_day(day)


def _due(**options: Any) -> fields.Date:
    about = {"description": "The day by which; none for no day", "example": "2026-12-01"}
    return fields.Date(allow_none=True, validate=_is_day, metadata=about, **options)


class StepSchema(StrictSchema):
    """Something that is to be done for a survivor; the words are sealed."""

    kind = fields.String(load_default=FOLLOW_UP, validate=validate.OneOf(KINDS))
    what = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=LONGEST_WHAT))
    due_on = _due(load_default=None)
    every_weeks = fields.Integer(
        load_default=DEFAULT_WEEKS,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=MOST_WEEKS),
        metadata={"description": "Of a review: the rhythm that the survivor agreed; null for this one alone"},
    )
    goal_id = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "The goal towards which it leads"}
    )
    is_theirs = fields.Boolean(load_default=False, metadata={"description": "Whoever adds it does it"})

    @validates_schema
    def say_something(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a step of which nobody could tell what is to be done, and a review without a day."""
        if data.get("kind") == REVIEW:
            if data.get("due_on") is None:
                raise ValidationError({"due_on": ["Say by which day the review is due."]})
        elif not says_something(data.get("what")):
            raise ValidationError({"what": ["Say in a few words what is to be done."]})


class MoveSchema(StrictSchema):
    """By which day it is to be done from now on."""

    due_on = _due(required=True)


class DropSchema(StrictSchema):
    """Why it is not done."""

    why = fields.String(required=True, validate=validate.OneOf(WHY_DROPPED))


class FinishedSchema(AnswerSchema):
    """What was done, and the review that follows, if one does."""

    next_id = fields.String(allow_none=True)


class StepQuerySchema(PageQuerySchema):
    """Which steps are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    overdue = fields.Boolean(load_default=False, metadata={"description": "Only what is open and past its day"})


class StepRowSchema(Schema):
    """A step."""

    id = fields.String()
    survivor_id = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf(STATES))
    what = fields.String(allow_none=True)
    due_on = fields.Date(allow_none=True)
    overdue = fields.Boolean()
    every_weeks = fields.Integer(allow_none=True)
    contact_id = fields.String(allow_none=True)
    goal_id = fields.String(allow_none=True)
    taken_by = fields.String(allow_none=True)
    opened_by = fields.String()
    opened_at = fields.AwareDateTime()
    why = fields.String(allow_none=True, validate=validate.OneOf(WHY_DROPPED))
    ended_by = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class StepListSchema(Schema):
    """Steps, the oldest change first."""

    items = fields.List(fields.Nested(StepRowSchema))
    next = fields.String(allow_none=True)
