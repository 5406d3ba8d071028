"""Contacts on the wire."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.case.contacts.rules import MAY_BE_CLEARED, WHY_CORRECTED, WHY_TAKEN_BACK, says_something
from shared.web.codes import code_field
from shared.web.instants import is_plausible_day
from shared.web.schemas import StrictSchema

MOST_MINUTES = 1440
LONGEST_STEP, LONGEST_NOTE = 500, 4000
_MOST_AREAS = 21


def _is_day(day: date) -> None:
    is_plausible_day(day)


def _minutes() -> fields.Integer:
    within = validate.Range(min=0, max=MOST_MINUTES)
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=within)


def _text(longest: int, says: str) -> fields.String:
    length = validate.Length(max=longest)
    return fields.String(load_default=None, allow_none=True, validate=length, metadata={"description": says})


def _day() -> fields.Date:
    example = {"example": "2026-08-04", "description": "The day on which it took place; without it nobody knows"}
    return fields.Date(load_default=None, allow_none=True, validate=_is_day, metadata=example)


def _areas() -> "fields.List[str]":
    return fields.List(code_field("advocacy_area"), load_default=list, validate=validate.Length(max=_MOST_AREAS))


class _WordsSchema(StrictSchema):
    """What a contact may say beside how it was made; the day and the words are sealed."""

    on = _day()
    minutes = _minutes()
    areas = _areas()
    next_step = _text(LONGEST_STEP, "What comes next, in a few words; sealed")
    note = _text(LONGEST_NOTE, "What has to be kept, if anything; sealed")


class ContactSchema(_WordsSchema):
    """One contact with the survivor."""

    mode = code_field("contact_mode", required=True)
    interpreter = code_field("interpreter", required=True)
    next_step_by = fields.Date(
        load_default=None,
        allow_none=True,
        validate=_is_day,
        metadata={"description": "The day by which the next step is to be done", "example": "2026-12-01"},
    )

    @validates_schema
    def need_a_step(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a day of nothing."""
        if data.get("next_step_by") is not None and not says_something(data.get("next_step")):
            raise ValidationError({"next_step": ["Say what is to be done by that day."]})


class CorrectContactSchema(_WordsSchema):
    """What is right; what is left out, null, empty or only spaces stays as it is."""

    mode = code_field("contact_mode", load_default=None, allow_none=True)
    interpreter = code_field("interpreter", load_default=None, allow_none=True)
    clear = fields.List(
        fields.String(validate=validate.OneOf(MAY_BE_CLEARED)),
        load_default=list,
        validate=validate.Length(max=len(MAY_BE_CLEARED)),
        metadata={"description": "What is taken away"},
    )
    why = fields.String(required=True, validate=validate.OneOf(WHY_CORRECTED))

    @validates_schema
    def refuse_both(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a field that is both said and cleared: nobody can tell which was meant."""
        if any(says_something(data.get(name)) and data[name] != [] for name in data.get("clear", ())):
            raise ValidationError({"clear": ["A field is either said or cleared."]})


class TakeBackSchema(StrictSchema):
    """Why there was no such contact with this person."""

    why = fields.String(required=True, validate=validate.OneOf(WHY_TAKEN_BACK))


class ContactRowSchema(Schema):
    """A contact, a correction, or a taking back."""

    id = fields.String()
    on = fields.Date(allow_none=True)
    mode = code_field("contact_mode")
    minutes = fields.Integer(allow_none=True)
    areas = fields.List(code_field("advocacy_area"))
    interpreter = code_field("interpreter")
    next_step = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    corrects = fields.String(allow_none=True, metadata={"description": "The contact that this one corrects"})
    why = fields.String(allow_none=True, validate=validate.OneOf((*WHY_CORRECTED, *WHY_TAKEN_BACK)))
    taken_back = fields.Boolean(metadata={"description": "There was no such contact with this person"})
    corrected_by = fields.String(allow_none=True, metadata={"description": "The contact that corrects this one"})
    actor_id = fields.String(allow_none=True, metadata={"description": "Who wrote it"})
    role = fields.String(allow_none=True)
    recorded_at = fields.AwareDateTime()
    version = fields.Integer()


class ContactListSchema(Schema):
    """Contacts of one episode, what was corrected among them, in the order in which they were written."""

    items = fields.List(fields.Nested(ContactRowSchema))
    next = fields.String(allow_none=True)
