"""The NRM on the wire."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.case.contacts.rules import says_something
from services.case.nrm.policy import NATIONS, UNITS, kinds
from services.case.nrm.rules import MAY_BE_CLEARED, WHY_CORRECTED, WHY_TAKEN_BACK
from shared.codelists.lists import DECLINED, get
from shared.web.codes import code_field
from shared.web.instants import is_plausible_day
from shared.web.schemas import StrictSchema

LONGEST_NOTE = 1000
KINDS = tuple(one.name for one in kinds())
_ANSWERS = ", ".join(DECLINED)


def _is_day_or_answer(said: str) -> None:
    if said in DECLINED:
        return
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = None
    # Python reads other ways of writing a day too; one is enough, so that one day is one text.
    if day is None or day.isoformat() != said:
        raise ValidationError(f"Give a day such as 2026-10-12, or one of {_ANSWERS}.")
    is_plausible_day(day)


def _day(says: str) -> fields.String:
    about = {"description": f"{says}: a day, or one of {_ANSWERS}; null where nobody said", "example": "2026-10-12"}
    return fields.String(load_default=None, allow_none=True, validate=_is_day_or_answer, metadata=about)


def _authority() -> fields.String:
    codes = (*get("competent_authority").codes, *DECLINED)
    error = f"This is neither in the code list competent_authority nor one of {_ANSWERS}."
    return fields.String(load_default=None, allow_none=True, validate=validate.OneOf(codes, error=error))


class _SaidSchema(StrictSchema):
    """What may be known beside the stage; everything is sealed, and none of it has to be said."""

    on = _day("On which day it was decided, or from which it stands so")
    told_on = _day("On which day the survivor was told")
    told_by = code_field("nrm_told_by", load_default=None, allow_none=True)
    authority = _authority()
    note = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LONGEST_NOTE),
        metadata={"description": "What has to be kept beside it, if anything"},
    )


class NrmSchema(_SaidSchema):
    """One thing that is known of the NRM."""

    stage = code_field("nrm_stage", required=True)


class CorrectNrmSchema(_SaidSchema):
    """What is right; what is left out or null stays as it is."""

    stage = code_field("nrm_stage", load_default=None, allow_none=True)
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
        if any(says_something(data.get(name)) for name in data.get("clear", ())):
            raise ValidationError({"clear": ["A field is either said or cleared."]})


class TakeNrmBackSchema(StrictSchema):
    """Why there was nothing such of this person."""

    why = fields.String(required=True, validate=validate.OneOf(WHY_TAKEN_BACK))


class PlanNrmSchema(StrictSchema):
    """Which of the times that run from this entry is put on the list."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))


class NrmRowSchema(Schema):
    """An entry, a correction, or a taking back."""

    id = fields.String()
    stage = fields.String(allow_none=True, metadata={"description": "A code of nrm_stage; null of a taking back"})
    decision = fields.String(allow_none=True, metadata={"description": "A code of nrm_decision_type, where it is one"})
    outcome = fields.String(allow_none=True, metadata={"description": "A code of nrm_decision_outcome"})
    on = fields.String(allow_none=True)
    told_on = fields.String(allow_none=True)
    told_by = fields.String(allow_none=True)
    authority = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    corrects = fields.String(allow_none=True, metadata={"description": "The entry that this one corrects"})
    why = fields.String(allow_none=True, validate=validate.OneOf((*WHY_CORRECTED, *WHY_TAKEN_BACK)))
    taken_back = fields.Boolean(metadata={"description": "There was nothing such of this person"})
    corrected_by = fields.String(allow_none=True, metadata={"description": "The entry that corrects this one"})
    actor_id = fields.String(metadata={"description": "Who wrote it"})
    role = fields.String()
    recorded_at = fields.AwareDateTime()
    version = fields.Integer()


class NrmListSchema(Schema):
    """Entries of one survivor, what was corrected among them, in the order in which they were written."""

    items = fields.List(fields.Nested(NrmRowSchema))
    next = fields.String(allow_none=True)


class NrmDeadlineSchema(Schema):
    """A time that runs, and by which line of the policy."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    entry_id = fields.String()
    stage = code_field("nrm_stage")
    began_on = fields.Date(allow_none=True)
    due_on = fields.Date(allow_none=True, metadata={"description": "The last day; null where nobody knows the first"})
    latest = fields.Date(metadata={"description": "The last day, or the one that it cannot lie behind"})
    overdue = fields.Boolean()
    exceptions = fields.Boolean(metadata={"description": "The law knows some; ask a regulated legal adviser"})
    amount = fields.Integer()
    unit = fields.String(validate=validate.OneOf(UNITS))
    nation = fields.String(metadata={"description": "Of the policy's line; ALL for every nation"})
    source = fields.String()
    verify = fields.Boolean(metadata={"description": "A lawyer of the nation has still to confirm it"})
    step_id = fields.String(allow_none=True, metadata={"description": "The step that was made of it"})


class NrmDeadlinesSchema(Schema):
    """Where somebody's NRM stands, and every time that runs."""

    nation = fields.String(
        allow_none=True,
        validate=validate.OneOf(NATIONS),
        metadata={"description": "In which they are supported; null where it is none of the four or not known"},
    )
    stage = fields.String(allow_none=True)
    waited_days = fields.Integer(allow_none=True, metadata={"description": "For a first responder, as far as known"})
    policy_version = fields.Integer()
    items = fields.List(fields.Nested(NrmDeadlineSchema))


class NrmPolicyLineSchema(Schema):
    """One line of the policy."""

    kind = fields.String()
    nation = fields.String()
    amount = fields.Integer()
    unit = fields.String(validate=validate.OneOf(UNITS))
    calendar = fields.String(allow_none=True, metadata={"description": "Whose bank holidays count"})
    valid_from = fields.Date()
    source = fields.String()
    verify = fields.Boolean()


class NrmPolicySchema(Schema):
    """The policy."""

    version = fields.Integer()
    items = fields.List(fields.Nested(NrmPolicyLineSchema))
