"""Interpreting for somebody on the wire; all that is said of a survivor is sealed."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.case.interpreters.rules import LONGEST_NAME
from services.case.interpreters.schemas import has_letters
from services.case.interpreting.judging import REMARKS
from services.case.interpreting.rules import LONGEST, MAY_BE_CLEARED, STATES, WHY_STATED
from services.case.outcomes.schemas import clear_field
from shared.codelists.lists import get
from shared.web.codes import code_field
from shared.web.instants import InstantField
from shared.web.schemas import AnswerSchema, StrictSchema

_UNSAID: dict[str, Any] = {"load_default": None, "allow_none": True}
_WORDS: list[Any] = [validate.Length(max=LONGEST), has_letters]


def _modes(**options: Any) -> "fields.List[str]":
    most = len(get("interpreter_mode").codes)
    return fields.List(code_field("interpreter_mode"), validate=validate.Length(max=most), **options)


class WishSchema(StrictSchema):
    """What somebody needs of an interpreter; what is left out, null or empty stays as it is."""

    language = code_field("language", **_UNSAID)
    dialect = fields.String(**_UNSAID, validate=_WORDS, metadata={"description": "In their words"})
    gender = code_field("interpreter_gender", **_UNSAID)
    modes = _modes(load_default=list)
    community_rule = code_field("interpreter_community", **_UNSAID)
    community = fields.String(**_UNSAID, validate=_WORDS, metadata={"description": "Which; where it is to be avoided"})
    why = fields.String(load_default="SURVIVOR_SAID", validate=validate.OneOf(WHY_STATED))
    clear = clear_field(MAY_BE_CLEARED)
    replaces = fields.UUID(**_UNSAID, metadata={"description": "What stood before; null where nothing did"})

    @validates_schema
    def refuse_both(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a field that is both said and cleared: nobody can tell which was meant."""
        if any(data.get(name) for name in data.get("clear", ())):
            raise ValidationError({"clear": ["A field is either said or cleared."]})

    @post_load
    def freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Give the ways as a tuple, each once."""
        return {**data, "modes": tuple(dict.fromkeys(data["modes"]))}


class NeverSchema(StrictSchema):
    """Somebody who never interprets for them: by name, or one of the register."""

    name = fields.String(**_UNSAID, validate=[validate.Length(max=LONGEST_NAME), has_letters])
    interpreter_id = fields.UUID(**_UNSAID)
    why = code_field("interpreter_never", load_default="SURVIVOR_SAID")

    @validates_schema
    def need_one(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse what names nobody, or somebody twice."""
        if (data.get("name") is None) == (data.get("interpreter_id") is None):
            raise ValidationError({"name": ["Give a name, or the id of an interpreter of the register; one of both."]})


class EndNeverSchema(StrictSchema):
    """Why it stands no more."""

    why = code_field("interpreter_never_ended", required=True)


class WantedSchema(StrictSchema):
    """When somebody is wanted, and how they would work."""

    at = InstantField(required=True)
    mode = code_field("interpreter_mode", required=True)


class BookSchema(WantedSchema):
    """Who is to interpret, when, how and for what."""

    interpreter_id = fields.UUID(required=True)
    purpose = code_field("interpreting_purpose", required=True)
    agreed = fields.Boolean(
        load_default=False,
        truthy=[True],
        falsy=[False],
        metadata={"description": "The survivor agreed, for this once, to another gender than they wish"},
    )


class StatedSchema(AnswerSchema):
    """What was kept, and how many bookings need somebody else by it."""

    find_others = fields.Integer()


class _WrittenSchema(Schema):
    id = fields.String()
    why = fields.String(allow_none=True)
    actor_id = fields.String()
    role = fields.String()
    recorded_at = fields.AwareDateTime()
    version = fields.Integer()


class WishRowSchema(_WrittenSchema):
    """What they need, as it was said at one moment."""

    number = fields.Integer()
    language = fields.String(allow_none=True)
    dialect = fields.String(allow_none=True)
    gender = fields.String()
    modes = fields.List(fields.String())
    community_rule = fields.String()
    community = fields.String(allow_none=True)


class NeverRowSchema(_WrittenSchema):
    """Somebody who never interprets for them, or that this stands no more."""

    name = fields.String(allow_none=True)
    ends = fields.String(allow_none=True, metadata={"description": "The never that stands no more; null of a never"})
    why_ended = fields.String(allow_none=True)
    stands = fields.Boolean()


class BookingRowSchema(Schema):
    """A booking, judged by what stands now."""

    id = fields.String()
    survivor_id = fields.String()
    interpreter_id = fields.String()
    interpreter = fields.String(allow_none=True, metadata={"description": "Their name; null where it cannot be read"})
    purpose = fields.String()
    mode = fields.String()
    at = fields.AwareDateTime()
    state = fields.String(validate=validate.OneOf(STATES))
    refusals = fields.List(fields.String(), metadata={"description": "Why somebody else has to be found"})
    agreed_gender = fields.String(allow_none=True)
    step_id = fields.String(allow_none=True)
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()
    ended_by = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class InterpretingSchema(Schema):
    """Everything about interpreting for one person."""

    wish = fields.Nested(WishRowSchema, allow_none=True)
    remarks = fields.List(fields.String(validate=validate.OneOf(REMARKS)))
    wishes = fields.List(fields.Nested(WishRowSchema), metadata={"description": "Everything said, the newest first"})
    nevers = fields.List(fields.Nested(NeverRowSchema), metadata={"description": "Ended ones too, the newest first"})
    bookings = fields.List(fields.Nested(BookingRowSchema), metadata={"description": "Open ones, and the last others"})


class InterpretingNowSchema(Schema):
    """What stands about interpreting for one person."""

    wish = fields.Nested(WishRowSchema, allow_none=True)
    remarks = fields.List(fields.String(validate=validate.OneOf(REMARKS)))
    nevers = fields.List(fields.Nested(NeverRowSchema))
    bookings = fields.List(fields.Nested(BookingRowSchema))


class CandidateSchema(Schema):
    """One interpreter of the register, and why not."""

    interpreter_id = fields.String()
    name = fields.String(allow_none=True)
    may = fields.Boolean()
    may_if_agreed = fields.Boolean(metadata={"description": "Only if the survivor agrees for this once"})
    refusals = fields.List(fields.String())


class CandidatesSchema(Schema):
    """Whoever may first, then everybody else with the reasons."""

    items = fields.List(fields.Nested(CandidateSchema))
    remarks = fields.List(fields.String(validate=validate.OneOf(REMARKS)))
