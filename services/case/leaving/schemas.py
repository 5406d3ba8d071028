"""Leaving on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.schemas import StrictSchema

MOST_CHARACTERS = 100


class AskLeavingSchema(StrictSchema):
    """To whose key everything is to be written."""

    recipient = fields.String(
        required=True,
        validate=validate.Length(max=MOST_CHARACTERS),
        metadata={"description": "Public key of an age identity that the host keeps, age1 and 58 more characters"},
    )
    deletes = fields.Boolean(
        load_default=False, metadata={"description": "Whether afterwards everything here is deleted for good"}
    )


class LeavingSchema(Schema):
    """Where it stands."""

    id = fields.String()
    recipient = fields.String(allow_none=True)
    deletes = fields.Boolean(allow_none=True)
    state = fields.String(metadata={"description": "NOT_ASKED, ASKED, AGREED, TAKEN_BACK or LAPSED"})
    asked_by = fields.String(allow_none=True)
    asked_at = fields.AwareDateTime(allow_none=True)
    holds_until = fields.AwareDateTime(allow_none=True)
    agreed_by = fields.String(allow_none=True)
    agreed_at = fields.AwareDateTime(allow_none=True)
    taken_back_by = fields.String(allow_none=True)
    taken_back_at = fields.AwareDateTime(allow_none=True)
    exported_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When everything was last written out to this key"}
    )
    manifest = fields.String(allow_none=True, metadata={"description": "SHA-256 of the manifest of that"})
    updated_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
