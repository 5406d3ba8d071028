"""Disclosures on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.case.contacts.rules import says_something
from services.case.disclosures.commands import ANSWERS
from services.case.disclosures.rules import LONGEST_ITEM, LONGEST_NAME, MOST_ITEMS, STATES, TO_TELL, TOLD
from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema


def _says_something(words: str) -> None:
    if not says_something(words):
        raise ValidationError("Say it in a few words.")


def _words(longest: int) -> Any:
    return fields.String(
        required=True,
        validate=[validate.Length(max=longest), _says_something],
        metadata={"description": "Sealed under the survivor's own key"},
    )


class ItemSchema(StrictSchema):
    """One thing that would be given: of which kind, and what exactly."""

    data_class = code_field("data_class", required=True)
    words = _words(LONGEST_ITEM)


class AskToDiscloseSchema(StrictSchema):
    """What would be given to whom, chosen one by one; nothing is chosen by itself."""

    purpose = code_field("consent_purpose", required=True)
    recipient_class = code_field("recipient_class", required=True)
    recipient = _words(LONGEST_NAME)
    items = fields.List(fields.Nested(ItemSchema), required=True, validate=validate.Length(min=1, max=MOST_ITEMS))
    means = code_field("disclosure_means", required=True)
    contact = code_field("disclosure_contact", required=True)


class ToldSchema(StrictSchema):
    """What a recipient answered who was told that the yes ended."""

    answer = fields.String(required=True, validate=validate.OneOf(ANSWERS))


class DisclosureQuerySchema(PageQuerySchema):
    """Which disclosures are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    tell = fields.String(load_default=None, validate=validate.OneOf([TO_TELL, TOLD]))


class DisclosureAnswerSchema(AnswerSchema):
    """The disclosure, its version, and how it stands."""

    state = fields.String()


class AnsweredSchema(Schema):
    """What was answered to an earlier asking."""

    asked_at = fields.AwareDateTime()
    state = fields.String()
    reason = fields.String(allow_none=True)


class ListedDisclosureSchema(Schema):
    """A disclosure in a list; to whom by name, and what exactly, stands in none."""

    id = fields.String()
    survivor_id = fields.String()
    purpose = fields.String()
    recipient_class = fields.String()
    data_classes = fields.List(fields.String())
    means = fields.String()
    contact = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    asked_by = fields.String()
    asked_role = fields.String()
    asked_at = fields.AwareDateTime()
    before = fields.List(fields.Nested(AnsweredSchema))
    reason = fields.String(allow_none=True)
    consent_id = fields.String(allow_none=True)
    said_at = fields.AwareDateTime(allow_none=True)
    text_hash = fields.String(allow_none=True, metadata={"description": "Of the words that were read out to them"})
    decided_at = fields.AwareDateTime(allow_none=True)
    until = fields.AwareDateTime(allow_none=True)
    lasts = fields.Boolean(metadata={"description": "Whether it may be given now"})
    given_by = fields.String(allow_none=True)
    given_at = fields.AwareDateTime(allow_none=True)
    tell = fields.String(allow_none=True)
    tell_by = fields.AwareDateTime(allow_none=True)
    told_answer = fields.String(allow_none=True)
    told_by = fields.String(allow_none=True)
    told_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class DisclosureListSchema(Schema):
    """Disclosures, oldest change first."""

    items = fields.List(fields.Nested(ListedDisclosureSchema))
    next = fields.String(allow_none=True)


class ItemRowSchema(Schema):
    """One thing."""

    data_class = fields.String()
    words = fields.String()


class DisclosureSchema(ListedDisclosureSchema):
    """A whole disclosure."""

    recipient = fields.String(allow_none=True)
    items = fields.List(fields.Nested(ItemRowSchema))


class DisclosuresOfOneSchema(Schema):
    """One person's disclosures, the newest first."""

    items = fields.List(fields.Nested(DisclosureSchema))
