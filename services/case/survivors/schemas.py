"""Survivors on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.schemas import StrictSchema

_TEXT = validate.Length(max=500)


class SurvivorSchema(StrictSchema):
    """A person who is supported; all fields are sealed."""

    reference = fields.String(load_default=None, allow_none=True, validate=_TEXT)
    name = fields.String(load_default=None, allow_none=True, validate=_TEXT)
    safe_contact = fields.String(load_default=None, allow_none=True, validate=_TEXT)


class RegisterSurvivorSchema(SurvivorSchema):
    """A person who is registered, and who may act on them."""

    advocate_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The survivor's advocate; whoever registers, if they are one"},
    )


class AssignSchema(StrictSchema):
    """Who may act on a survivor from now on: the whole set."""

    advocate_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=20))


class SurvivorRowSchema(Schema):
    """A survivor as their own host sees them."""

    id = fields.String()
    version = fields.Integer()
    reference = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    safe_contact = fields.String(allow_none=True)


class AdvocatesSchema(Schema):
    """Who may act on a survivor, beside supervisors and, for consents, the data protection officer."""

    id = fields.String()
    advocate_ids = fields.List(fields.String())
    version = fields.Integer()
