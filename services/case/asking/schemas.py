"""Looks at contacts on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.case.asking.rules import LONGEST, STATES
from services.case.contacts.rules import says_something
from shared.web.paging import PageQuerySchema
from shared.web.schemas import StrictSchema


def _words(**options: Any) -> fields.String:
    return fields.String(required=True, validate=[validate.Length(max=LONGEST), _says_something], **options)


def _says_something(words: str) -> None:
    if not says_something(words):
        raise ValidationError("Say it in a few words.")


class QuestionSchema(StrictSchema):
    """What a supervisor asks; the words are sealed."""

    question = _words()


class QuestionAnswerSchema(StrictSchema):
    """What is answered; the words are sealed."""

    answer = _words()


class LookQuerySchema(PageQuerySchema):
    """Which looks are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class LookRowSchema(Schema):
    """What a supervisor said about a contact, and what was answered."""

    id = fields.String()
    survivor_id = fields.String()
    episode_id = fields.String()
    contact_id = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    question = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    looked_by = fields.String()
    looked_at = fields.AwareDateTime()
    answered_by = fields.String(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class LookListSchema(Schema):
    """Looks, oldest change first."""

    items = fields.List(fields.Nested(LookRowSchema))
    next = fields.String(allow_none=True)
