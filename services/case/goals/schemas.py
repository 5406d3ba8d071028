"""Goals on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.case.goals.rules import ANSWERS, ENDINGS, MOST_SCORE, SCORED, SET_BY, STATES, fits
from shared.web.codes import code_field
from shared.web.schemas import StrictSchema

LONGEST_WORDS = 1000


class GoalSchema(StrictSchema):
    """What the survivor wants to reach."""

    area = code_field("advocacy_area", required=True)
    words = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LONGEST_WORDS),
        metadata={"description": "What they want, in their own words; sealed"},
    )
    set_by = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(SET_BY),
        metadata={"description": "Who set it; null where nobody says"},
    )


class ScoreSchema(StrictSchema):
    """How far it is, as the survivor says; never an advocate's own view."""

    answer = fields.String(load_default=SCORED, validate=validate.OneOf(ANSWERS))
    # Strict: 7.9 is nothing that they said, and would be kept as 7.
    score = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=0, max=MOST_SCORE)
    )
    said_by = fields.String(required=True, validate=validate.OneOf(SET_BY))

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a score that they did not give, and an answer that is one without it."""
        if "answer" in data and not fits(data["answer"], data.get("score")):
            raise ValidationError({"score": ["Give a score from 0 to 10 where they gave one, and none elsewhere."]})


class EndGoalSchema(StrictSchema):
    """How it ended."""

    how = fields.String(required=True, validate=validate.OneOf(ENDINGS))


class GoalRowSchema(Schema):
    """A goal."""

    id = fields.String()
    area = code_field("advocacy_area")
    words = fields.String(allow_none=True)
    set_by = fields.String(allow_none=True, validate=validate.OneOf(SET_BY))
    state = fields.String(validate=validate.OneOf(STATES))
    first_score = fields.Integer(allow_none=True)
    last_score = fields.Integer(allow_none=True)
    last_answer = fields.String(allow_none=True, validate=validate.OneOf(ANSWERS))
    opened_by = fields.String(allow_none=True)
    recorded_at = fields.AwareDateTime()
    ended_by = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class GoalListSchema(Schema):
    """Goals of one episode."""

    items = fields.List(fields.Nested(GoalRowSchema))
    next = fields.String(allow_none=True)


class ScoreRowSchema(Schema):
    """One answer."""

    id = fields.String()
    answer = fields.String(validate=validate.OneOf(ANSWERS))
    score = fields.Integer(allow_none=True)
    said_by = fields.String(validate=validate.OneOf(SET_BY))
    actor_id = fields.String()
    recorded_at = fields.AwareDateTime()
    version = fields.Integer()


class ScoreListSchema(Schema):
    """Every answer about one goal, the oldest first."""

    items = fields.List(fields.Nested(ScoreRowSchema))
    next = fields.String(allow_none=True)
