"""Restrictions on the wire."""

from marshmallow import Schema, fields, validate

from services.case.restrictions.rules import HOLDS, LIFTED
from services.case.rights.schemas import MOST_WORDS, RightsPersonSchema
from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema


class RestrictSchema(StrictSchema):
    """On which ground, and what the person was told."""

    ground = code_field("restriction_ground", required=True)
    told = code_field("rights_told", required=True)
    answer = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MOST_WORDS),
        metadata={"description": "What they were told; sealed under the survivor's own key"},
    )


class RestrictedSchema(AnswerSchema):
    """The restriction, and the version of the request from which it follows."""

    rights_case_version = fields.Integer()


class LiftRestrictionSchema(StrictSchema):
    """Why, and how the person was told before; or why that is not safe."""

    why = code_field("restriction_lifted", required=True)
    told = code_field("rights_told", load_default=None, allow_none=True)
    told_on = fields.Date(load_default=None, allow_none=True)
    untold = code_field("restriction_untold", load_default=None, allow_none=True)


class OpenForLifeSchema(StrictSchema):
    """Of whom, and why; an id goes in a body, so that none stands in an address or a log."""

    survivor_id = fields.UUID(required=True)
    why = code_field("vital_interest", required=True)


class OpenedSchema(AnswerSchema):
    """What was opened, and until when."""

    until = fields.AwareDateTime()


class RestrictionRowSchema(Schema):
    """A restriction."""

    id = fields.String()
    survivor_id = fields.String()
    rights_case_id = fields.String()
    ground = fields.String()
    state = fields.String()
    begun_by = fields.String()
    begun_at = fields.AwareDateTime()
    told = fields.String()
    why = fields.String(allow_none=True)
    lift_told = fields.String(allow_none=True)
    told_on = fields.Date(allow_none=True)
    untold = fields.String(allow_none=True)
    lifted_by = fields.String(allow_none=True)
    lifted_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class RestrictionListSchema(Schema):
    """Restrictions, the longest untouched first."""

    items = fields.List(fields.Nested(RestrictionRowSchema))
    next = fields.String(allow_none=True)


class RestrictionSchema(RestrictionRowSchema):
    """A restriction with whose it is."""

    person = fields.Nested(RightsPersonSchema, allow_none=True)


class OpeningRowSchema(Schema):
    """Something that was opened in spite of a restriction."""

    id = fields.String()
    survivor_id = fields.String()
    restriction_id = fields.String()
    why = fields.String()
    actor_id = fields.String()
    role = fields.String()
    opened_at = fields.AwareDateTime()
    until = fields.AwareDateTime()
    seen_by = fields.String(allow_none=True)
    seen_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class OpeningListSchema(Schema):
    """What was opened, the longest untouched first."""

    items = fields.List(fields.Nested(OpeningRowSchema))
    next = fields.String(allow_none=True)


class VitalRiskSchema(Schema):
    """A risk as it stands."""

    about = fields.String()
    level = fields.String()


class VitalSchema(Schema):
    """What keeps somebody safe, and nothing else of their record."""

    id = fields.String()
    until = fields.AwareDateTime()
    reference = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    safe_contact = fields.String(allow_none=True)
    risks = fields.List(fields.Nested(VitalRiskSchema))


class RestrictionQuerySchema(PageQuerySchema):
    """Which restrictions are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf([HOLDS, LIFTED]))


class OpeningQuerySchema(PageQuerySchema):
    """Which openings are wanted."""

    unseen = fields.Boolean(load_default=False, metadata={"description": "Only those that no officer has seen"})
