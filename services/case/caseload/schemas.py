"""The team's caseload on the wire."""

from marshmallow import Schema, fields, validate

from services.case.caseload.rules import KINDS, MOST_AT_ONCE, MOST_LIMIT, RESULTS
from shared.web.instants import is_plausible_day
from shared.web.schemas import AnswerSchema, StrictSchema


class LimitSchema(StrictSchema):
    """The host's limit."""

    people = fields.Integer(
        required=True,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=MOST_LIMIT),
        metadata={"description": "People whom one advocate supports at most; null states none"},
    )


class LimitRowSchema(Schema):
    """The host's limit as it stands."""

    id = fields.String()
    people = fields.Integer(allow_none=True)
    version = fields.Integer()


class GiveSchema(StrictSchema):
    """Whom another advocate takes over."""

    from_id = fields.UUID(required=True, metadata={"description": "The advocate who has them"})
    to_id = fields.UUID(required=True, metadata={"description": "The advocate who takes over"})
    survivor_ids = fields.List(
        fields.UUID(),
        required=True,
        allow_none=True,
        validate=validate.Length(min=1, max=MOST_AT_ONCE),
        metadata={"description": f"Who; null for everybody of that advocate, {MOST_AT_ONCE} at a time"},
    )


class CoverSchema(GiveSchema):
    """Who acts while an advocate is absent, and on which days."""

    first_on = fields.Date(required=True, validate=is_plausible_day)
    last_on = fields.Date(required=True, validate=is_plausible_day)


class PeopleMovedSchema(AnswerSchema):
    """For how many it was done, for how many it was not, and whether others are left to ask for again."""

    moved = fields.Integer()
    left = fields.Integer()
    more = fields.Boolean()


class ResultSchema(Schema):
    """What came of it for one person."""

    survivor_id = fields.String()
    result = fields.String(validate=validate.OneOf(RESULTS))


class MoveRowSchema(Schema):
    """People who were given to another advocate, for good or for an absence."""

    id = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    from_id = fields.String()
    to_id = fields.String()
    results = fields.List(fields.Nested(ResultSchema))
    first_on = fields.Date(allow_none=True)
    last_on = fields.Date(allow_none=True)
    ended_by = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    moved_by = fields.String()
    moved_at = fields.AwareDateTime()
    version = fields.Integer()


class MoveListSchema(Schema):
    """Moves, oldest change first."""

    items = fields.List(fields.Nested(MoveRowSchema))
    next = fields.String(allow_none=True)


class LoadSchema(Schema):
    """One advocate's caseload."""

    advocate_id = fields.String()
    is_active = fields.Boolean(metadata={"description": "Whether they are an active advocate here"})
    supported = fields.Integer(metadata={"description": "People whose support goes on"})
    waiting = fields.Integer(metadata={"description": "People whose support has not begun"})
    overdue = fields.Integer(metadata={"description": "Steps past their day, of all these people"})
    questions = fields.Integer(metadata={"description": "Unanswered questions about contacts with them"})
    fullness = fields.String(validate=validate.OneOf(["ROOM", "FULL", "OVER", "UNSTATED"]))


class TeamSchema(Schema):
    """The team, who left first, then the fullest; and who covers for whom."""

    limit = fields.Integer(allow_none=True)
    items = fields.List(fields.Nested(LoadSchema))
    covers = fields.List(fields.Nested(MoveRowSchema))
    at_least = fields.Boolean(metadata={"description": "There is more than was counted"})
