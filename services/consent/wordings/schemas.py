"""Spelling of words on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.codes import code_field, name_field
from shared.web.instants import InstantField
from shared.web.schemas import StrictSchema


class WordingSchema(StrictSchema):
    """Words that are read out."""

    code = name_field(required=True)
    purpose = code_field("consent_purpose", required=True)
    recipient_class = code_field("recipient_class", required=True)
    languages = fields.List(code_field("language"), load_default=list, validate=validate.Length(max=100))
    valid_from = InstantField(
        required=True, metadata={"description": "Its day in London is the first on which the words hold"}
    )
    valid_to = InstantField(
        load_default=None, allow_none=True, metadata={"description": "Its day in London is the last"}
    )
    text = fields.String(required=True, validate=validate.Length(min=1, max=20_000))


class WordingAnswerSchema(Schema):
    """What registering words answers."""

    id = fields.String()
    text_hash = fields.String()


class WordingRowSchema(Schema):
    """Registered words, with every registration and text of their code."""

    code = fields.String()
    registrations = fields.List(fields.Dict())
    texts = fields.List(fields.Dict())


class WordingListSchema(Schema):
    """Registered words."""

    items = fields.List(fields.Nested(WordingRowSchema))
    next = fields.String(allow_none=True)
