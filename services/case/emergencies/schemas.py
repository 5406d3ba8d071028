"""Emergency access on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.case.emergencies.rules import LONGEST, STATES, WHYS
from services.case.restrictions.schemas import VitalSchema
from services.case.rights.schemas import RightsPersonSchema
from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema

_WORDS = r"\S"
_SAID = "Say in a few words what happened."
_WHY = "This is not among the reasons of an emergency. Use one of its codes of the list vital_interest."
_WHO = "Give either their number here, or your organisation's own reference."


class OpenInEmergencySchema(StrictSchema):
    """Of whom, and why; who is meant stands in a body, so that nobody stands in an address or a log."""

    survivor_id = fields.UUID(load_default=None, allow_none=True)
    reference = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=200),
        metadata={"description": "Your organisation's own reference, where the number is not known"},
    )
    why = fields.String(
        required=True,
        validate=validate.OneOf(WHYS, error=_WHY),
        metadata={"description": "A code of the list vital_interest"},
    )
    words = fields.String(
        required=True,
        validate=[validate.Length(max=LONGEST), validate.Regexp(rf"(?s).*{_WORDS}", error=_SAID)],
        metadata={"description": "What happened; sealed under the survivor's own key", "example": "The police rang."},
    )

    @validates_schema
    def _check_who(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("survivor_id") is None) == (data.get("reference") is None):
            raise ValidationError(_WHO, "survivor_id")


class OpenedInEmergencySchema(AnswerSchema):
    """What was opened, and until when."""

    until = fields.AwareDateTime()


class EmergencyRecordSchema(VitalSchema):
    """What keeps somebody safe, and who supports them; nothing else of their record."""

    why = fields.String()
    advocate_ids = fields.List(fields.String())


class EmergencyRowSchema(Schema):
    """Something that was opened in an emergency."""

    id = fields.String()
    survivor_id = fields.String()
    why = fields.String()
    actor_id = fields.String()
    role = fields.String()
    opened_at = fields.AwareDateTime()
    until = fields.AwareDateTime()
    review_by = fields.Date(metadata={"description": "The last day on which somebody else is to look at it"})
    overdue = fields.Boolean()
    state = fields.String()
    outcome = fields.String(allow_none=True)
    reviewed_by = fields.String(allow_none=True)
    reviewed_role = fields.String(allow_none=True)
    reviewed_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class EmergencyListSchema(Schema):
    """What was opened, the longest untouched first."""

    items = fields.List(fields.Nested(EmergencyRowSchema))
    next = fields.String(allow_none=True)


class EmergencySchema(EmergencyRowSchema):
    """One with its words, and whose record it was."""

    words = fields.String(allow_none=True)
    said = fields.String(allow_none=True)
    person = fields.Nested(RightsPersonSchema, allow_none=True)


class EmergencyQuerySchema(PageQuerySchema):
    """Which are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    overdue = fields.Boolean(load_default=False, metadata={"description": "Only those whose review is late"})


class ReviewEmergencySchema(StrictSchema):
    """What somebody else found."""

    outcome = code_field("emergency_outcome", required=True)
    words = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=LONGEST),
        metadata={"description": "What they say to it; sealed under the survivor's own key"},
    )


class NameNeverSchema(StrictSchema):
    """Who never opens this person's record in an emergency, and why."""

    staff_id = fields.UUID(required=True)
    ground = code_field("emergency_never", required=True)


class NeverRowSchema(Schema):
    """Somebody of staff who is named."""

    id = fields.String()
    survivor_id = fields.String()
    staff_id = fields.String()
    ground = fields.String()
    state = fields.String()
    named_by = fields.String()
    named_role = fields.String()
    named_at = fields.AwareDateTime()
    ended_by = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class NeverListSchema(Schema):
    """Who is named, the newest first."""

    items = fields.List(fields.Nested(NeverRowSchema))
    next = fields.String(allow_none=True)
