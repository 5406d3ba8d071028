"""Spelling on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.schemas import StrictSchema

_CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")


class RecordDecisionSchema(StrictSchema):
    """A survivor's decision."""

    survivor_id = fields.UUID(required=True)
    purpose = fields.String(required=True, validate=_CODE)
    decision = fields.String(required=True, validate=_CODE)
    said_at = fields.AwareDateTime(load_default=None, allow_none=True)
    wording_code = fields.String(load_default=None, allow_none=True, validate=_CODE)
    language = fields.String(load_default=None, allow_none=True, validate=_CODE)
    method = fields.String(load_default=None, allow_none=True, validate=_CODE)
    setting_private = fields.Boolean(load_default=None, allow_none=True)
    witness_role = fields.String(load_default=None, allow_none=True, validate=_CODE)


class WithdrawSchema(StrictSchema):
    """A survivor changed their mind."""

    said_at = fields.AwareDateTime(load_default=None, allow_none=True)
    method = fields.String(load_default=None, allow_none=True, validate=_CODE)


class WordingSchema(StrictSchema):
    """Words that are read out."""

    code = fields.String(required=True, validate=_CODE)
    purpose = fields.String(required=True, validate=_CODE)
    recipient_class = fields.String(required=True, validate=_CODE)
    languages = fields.List(fields.String(validate=_CODE), load_default=list)
    valid_from = fields.AwareDateTime(required=True)
    valid_to = fields.AwareDateTime(load_default=None, allow_none=True)
    text = fields.String(required=True, validate=validate.Length(min=1, max=20_000))


class SearchSchema(StrictSchema):
    """A search goes in a body, so that no id stands in an address or a log."""

    survivor_id = fields.UUID(required=True)


class ConsentSchema(Schema):
    """A consent with its ledger."""

    id = fields.String()
    survivor_id = fields.String()
    purpose = fields.String()
    status = fields.String()
    until = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
    history = fields.List(fields.Dict())


class ConsentListSchema(Schema):
    """Consents of one survivor."""

    items = fields.List(fields.Nested(ConsentSchema))
    next = fields.String(allow_none=True)
