"""The question whether children depend on somebody on the wire; no field takes a word."""

from marshmallow import Schema, fields

from shared.web.codes import code_field
from shared.web.instants import is_plausible_day
from shared.web.schemas import StrictSchema


class AnswerDependantsSchema(StrictSchema):
    """A code, and by when it is asked again; nothing of any child."""

    answer = code_field("dependant_answer", required=True)
    ask_again_on = fields.Date(required=True, validate=is_plausible_day, metadata={"example": "2026-12-01"})


class DependantAnswerSchema(Schema):
    """One answer."""

    id = fields.String()
    answer = fields.String()
    ask_again_on = fields.Date()
    step_id = fields.String(allow_none=True)
    actor_id = fields.String()
    role = fields.String()
    recorded_at = fields.AwareDateTime()
    version = fields.Integer()


class DependantsNowSchema(Schema):
    """What stands, and whether it is to be asked now."""

    now = fields.Nested(DependantAnswerSchema, allow_none=True)
    due = fields.Boolean()


class DependantsSchema(DependantsNowSchema):
    """What stands, whether it is to be asked now, and every answer, the newest first."""

    answers = fields.List(fields.Nested(DependantAnswerSchema))
