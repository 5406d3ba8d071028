"""Spelling of notices on the wire."""

from marshmallow import Schema, fields, validate

from services.consent.notices.rules import REVIEWS
from shared.web.codes import code_field
from shared.web.schemas import StrictSchema

LONGEST = 10_000


class PublishSchema(StrictSchema):
    """The next version of a notice."""

    purpose = code_field("consent_purpose", required=True)
    recipient_class = code_field("recipient_class", required=True)
    text = fields.String(
        required=True,
        validate=validate.Length(min=1, max=LONGEST),
        metadata={"description": "English; may hold {controller}, {contact} and {keeps_months}"},
    )
    easy = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=1, max=LONGEST),
        metadata={"description": "The same in easy words"},
    )  # fmt: skip


class TranslationSchema(StrictSchema):
    """The words in another language."""

    language = code_field("language", required=True)
    text = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST))
    easy = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=LONGEST))


class ReviewSchema(StrictSchema):
    """A translation that somebody read who reads its language."""

    language = code_field("language", required=True)
    text_hash = fields.String(
        required=True, validate=validate.Length(equal=64), metadata={"description": "Of the words that were read"}
    )


class PublishedSchema(Schema):
    """What publishing, translating and reviewing answer."""

    id = fields.String()
    text_hash = fields.String()


class TextSchema(Schema):
    """The words in one language."""

    language = fields.String()
    text = fields.String()
    text_hash = fields.String()
    easy = fields.String(allow_none=True)
    review = fields.String(validate=validate.OneOf(REVIEWS))
    added_by = fields.String()
    added_at = fields.AwareDateTime()
    reviewed_by = fields.String(allow_none=True)
    reviewed_at = fields.AwareDateTime(allow_none=True)


class NoticeSchema(Schema):
    """One version of a notice."""

    code = fields.String()
    purpose = fields.String()
    recipient_class = fields.String()
    number = fields.Integer()
    holds = fields.List(fields.String(), metadata={"description": "The placeholders of the English words"})
    texts = fields.List(fields.Nested(TextSchema))
    published_by = fields.String()
    published_at = fields.AwareDateTime()
    replaced_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class NoticeListSchema(Schema):
    """A page of them."""

    items = fields.List(fields.Nested(NoticeSchema))
    next = fields.String(allow_none=True)
