"""Spelling of machine keys on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.schemas import AnswerSchema, StrictSchema

_SCOPE = validate.Regexp(r"^[a-z]+(-[a-z]+)*:(read|write)$")


class AddMachineKeySchema(StrictSchema):
    """A machine that may act."""

    scopes = fields.List(
        fields.String(validate=_SCOPE),
        required=True,
        validate=validate.Length(min=1, max=20),
        metadata={"description": "imports:write: upload an export and read what became of it"},
    )


class MachineKeyAnswerSchema(AnswerSchema):
    """The one answer that holds the secret; a repeat with the same Idempotency-Key does not."""

    client_id = fields.String()
    client_secret = fields.String()


class MachineKeySchema(Schema):
    """A machine that may act."""

    id = fields.String()
    client_id = fields.String()
    scopes = fields.List(fields.String())
    organisation_id = fields.String()
    revoked = fields.Boolean()
    version = fields.Integer()
    updated_at = fields.AwareDateTime()


class MachineKeyListSchema(Schema):
    """A page of machine keys."""

    items = fields.List(fields.Nested(MachineKeySchema))
    next = fields.String(allow_none=True)
