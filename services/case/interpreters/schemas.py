"""The register of interpreters on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.case.contacts.rules import says_something
from services.case.interpreters.rules import LONGEST_NAME, LONGEST_WORD, MAY_BE_CLEARED, MOST_OF_A_LIST
from services.case.outcomes.schemas import clear_field
from shared.web.codes import code_field
from shared.web.instants import is_plausible_day
from shared.web.schemas import StrictSchema

_UNSAID: dict[str, Any] = {"load_default": None, "allow_none": True}


def has_letters(words: str) -> None:
    """Refuse a name without any letter or digit: nobody could be matched by it.

    Raises:
        ValidationError: It has none.
    """
    if not any(sign.isalnum() for sign in words):
        raise ValidationError("Write it with letters.")


def _words(longest: int) -> list[Any]:
    return [validate.Length(max=longest), has_letters]


def _codes(name: str, least: int, **options: Any) -> "fields.List[str]":
    return fields.List(code_field(name), validate=validate.Length(min=least, max=MOST_OF_A_LIST), **options)


def _several(says: str) -> "fields.List[str]":
    one = fields.String(validate=_words(LONGEST_WORD))
    return fields.List(one, load_default=list, validate=validate.Length(max=MOST_OF_A_LIST),
                       metadata={"description": says})  # fmt: skip


def _day(says: str, **options: Any) -> fields.Date:
    return fields.Date(validate=is_plausible_day, metadata={"description": says, "example": "2026-08-04"}, **options)


class _Said(StrictSchema):
    """What two bodies have in common; lists become tuples, each word once."""

    dialects = _several("Dialects, as they name them")
    agency = fields.String(**_UNSAID, validate=_words(LONGEST_NAME), metadata={"description": "Whom one rings"})
    communities = _several("Communities to which they say that they belong; sealed, never shown to advocates")
    until_on = _day("Their last day; null for none", **_UNSAID)

    @post_load
    def freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Give lists as tuples, each word once."""
        return {name: tuple(dict.fromkeys(one)) if isinstance(one, list) else one for name, one in data.items()}


class InterpreterSchema(_Said):
    """Somebody who interprets for the host; every word is sealed under a key of the host's."""

    name = fields.String(required=True, validate=_words(LONGEST_NAME))
    languages = _codes("language", 1, required=True)
    gender = code_field("gender", required=True, metadata={"description": "As they state it"})
    modes = _codes("interpreter_mode", 1, required=True)
    from_on = _day("Their first day", required=True)


class ChangeInterpreterSchema(_Said):
    """What is right; what is left out, null or empty stays as it is."""

    name = fields.String(**_UNSAID, validate=_words(LONGEST_NAME))
    languages = _codes("language", 0, load_default=list)
    gender = code_field("gender", **_UNSAID)
    modes = _codes("interpreter_mode", 0, load_default=list)
    from_on = _day("Their first day", **_UNSAID)
    clear = clear_field(MAY_BE_CLEARED)

    @validates_schema
    def refuse_both(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a field that is both said and cleared: nobody can tell which was meant."""
        if any(says_something(data.get(name) or None) for name in data.get("clear", ())):
            raise ValidationError({"clear": ["A field is either said or cleared."]})


class TieSchema(StrictSchema):
    """To whom an interpreter is tied; the name is sealed."""

    kind = code_field("interpreter_conflict", required=True)
    name = fields.String(required=True, validate=_words(LONGEST_NAME))


class EndTieSchema(StrictSchema):
    """Which tie does not hold any more."""

    tie_id = fields.UUID(required=True)


class TieRowSchema(Schema):
    """One tie, ended ones too."""

    id = fields.String()
    kind = fields.String()
    who = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()
    ended_by = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)


class InterpreterRowSchema(Schema):
    """One interpreter of the register."""

    id = fields.String()
    name = fields.String(allow_none=True, metadata={"description": "Null where it cannot be read"})
    languages = fields.List(fields.String())
    dialects = fields.List(fields.String())
    gender = fields.String()
    modes = fields.List(fields.String())
    agency = fields.String(allow_none=True)
    communities = fields.List(fields.String())
    from_on = fields.Date()
    until_on = fields.Date(allow_none=True)
    ties = fields.List(fields.Nested(TieRowSchema))
    stated_by = fields.String()
    updated_at = fields.AwareDateTime()
    version = fields.Integer()


class InterpreterListSchema(Schema):
    """Interpreters, oldest change first."""

    items = fields.List(fields.Nested(InterpreterRowSchema))
    next = fields.String(allow_none=True)
