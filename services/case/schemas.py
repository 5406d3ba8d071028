"""Spelling on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.schemas import StrictSchema

_CODE = validate.Regexp(r"^[A-Z][A-Z0-9_]{0,79}$")
_TEXT = validate.Length(max=500)


class SurvivorSchema(StrictSchema):
    """A person who is supported; all fields are sealed."""

    reference = fields.String(load_default=None, allow_none=True, validate=_TEXT)
    name = fields.String(load_default=None, allow_none=True, validate=_TEXT)
    safe_contact = fields.String(load_default=None, allow_none=True, validate=_TEXT)


class OpenEpisodeSchema(StrictSchema):
    """Support begins."""

    survivor_id = fields.UUID(required=True)
    referral_date = fields.Date(required=True)
    age_band = fields.String(required=True, validate=_CODE)
    gender = fields.String(required=True, validate=_CODE)
    nationality = fields.String(required=True, validate=validate.Length(min=1, max=100))
    exploitation_types = fields.List(fields.String(validate=_CODE), required=True, validate=validate.Length(min=1))
    nation = fields.String(required=True, validate=_CODE)
    advocacy_area = fields.String(load_default=None, allow_none=True, validate=_CODE)
    advocate_id = fields.UUID(load_default=None, allow_none=True)
    transfer_in = fields.Boolean(load_default=False)
    excluded = fields.Boolean(load_default=False)


class CloseEpisodeSchema(StrictSchema):
    """Support ends."""

    reason = fields.String(required=True, validate=_CODE)


class ExcludeSchema(StrictSchema):
    """The safety flag."""

    excluded = fields.Boolean(required=True)


class EntrySchema(StrictSchema):
    """A goal, contact or outcome, in codes."""

    area = fields.String(load_default=None, allow_none=True, validate=_CODE)
    mode = fields.String(load_default=None, allow_none=True, validate=_CODE)
    interpreter = fields.String(load_default=None, allow_none=True, validate=_CODE)
    minutes = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=0, max=1440))
    outcome = fields.String(load_default=None, allow_none=True, validate=_CODE)
    rating = fields.String(load_default=None, allow_none=True, validate=_CODE)
    rated_by = fields.String(load_default=None, allow_none=True, validate=_CODE)
    point = fields.String(load_default=None, allow_none=True, validate=_CODE)


class EpisodeSchema(Schema):
    """An episode as its own host sees it."""

    id = fields.String()
    survivor_id = fields.String()
    status = fields.String()
    referral_date = fields.Date()
    age_band = fields.String()
    gender = fields.String()
    nationality = fields.List(fields.String())
    exploitation_types = fields.List(fields.String())
    nation = fields.String()
    advocacy_area = fields.String(allow_none=True)
    advocate_id = fields.String(allow_none=True)
    transfer_in = fields.Boolean()
    excluded = fields.Boolean()
    version = fields.Integer()
    updated_at = fields.AwareDateTime()


class EpisodeListSchema(Schema):
    """Episodes and the cursor of the next page."""

    items = fields.List(fields.Nested(EpisodeSchema))
    next = fields.String(allow_none=True)
