"""Outcomes and entitlements on the wire; and what every kind of what is kept says."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.case.contacts.rules import WHY_CORRECTED, WHY_TAKEN_BACK, says_something
from services.case.outcomes.rules import CHANGES, Entitlement, Rating
from shared.web.codes import code_field
from shared.web.instants import is_plausible_day
from shared.web.schemas import StrictSchema

_NOBODY_SAID: dict[str, Any] = {"load_default": None, "allow_none": True}


def _is_day(day: date) -> None:
    is_plausible_day(day)


def day_field(says: str) -> fields.Date:
    """Make a field for a day that has been; without it nobody knows."""
    return fields.Date(**_NOBODY_SAID, validate=_is_day, metadata={"example": "2026-08-04", "description": says})


def clear_field(names: tuple[str, ...]) -> "fields.List[str]":
    """Make the field that names what is taken away."""
    one = fields.String(validate=validate.OneOf(names))
    about = {"description": "What is taken away"}
    return fields.List(one, load_default=list, validate=validate.Length(max=len(names)), metadata=about)


class CorrectSchema(StrictSchema):
    """Base of a correction: what is left out, null, empty or only spaces stays as it is."""

    why = fields.String(required=True, validate=validate.OneOf(WHY_CORRECTED))

    @validates_schema
    def refuse_both(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a field that is both said and cleared: nobody can tell which was meant."""
        if any(says_something(data.get(name)) for name in data.get("clear", ())):
            raise ValidationError({"clear": ["A field is either said or cleared."]})


class TakeKeptBackSchema(StrictSchema):
    """Why it should not have been written."""

    why = fields.String(required=True, validate=validate.OneOf(WHY_TAKEN_BACK))


class KeptRowSchema(Schema):
    """What every row says of its writing."""

    id = fields.String()
    corrects = fields.String(allow_none=True, metadata={"description": "The one that this one corrects"})
    why = fields.String(allow_none=True, validate=validate.OneOf((*WHY_CORRECTED, *WHY_TAKEN_BACK)))
    taken_back = fields.Boolean(metadata={"description": "It should not have been written"})
    corrected_by = fields.String(allow_none=True, metadata={"description": "The one that corrects this one"})
    actor_id = fields.String(allow_none=True, metadata={"description": "Who wrote it"})
    role = fields.String(allow_none=True)
    first_recorded_at = fields.AwareDateTime(metadata={"description": "A correction keeps it"})
    recorded_at = fields.AwareDateTime()
    version = fields.Integer()


class OutcomeSchema(StrictSchema):
    """How far something is reached, who says so, when in the support, and how they were asked."""

    outcome = code_field("outcome", required=True)
    rating = code_field("outcome_scale", required=True)
    rated_by = code_field("outcome_rater", required=True)
    point = code_field("outcome_point", required=True)
    asked = code_field("outcome_asked", **_NOBODY_SAID)
    on = day_field("The day on which they were asked; sealed")


class CorrectOutcomeSchema(CorrectSchema):
    """What is right of a rating."""

    outcome = code_field("outcome", **_NOBODY_SAID)
    rating = code_field("outcome_scale", **_NOBODY_SAID)
    rated_by = code_field("outcome_rater", **_NOBODY_SAID)
    point = code_field("outcome_point", **_NOBODY_SAID)
    asked = code_field("outcome_asked", **_NOBODY_SAID)
    on = day_field("The day on which they were asked; sealed")
    clear = clear_field(Rating.MAY_BE_CLEARED)


class OutcomeRowSchema(KeptRowSchema):
    """A rating, a correction, or a taking back."""

    outcome = code_field("outcome")
    rating = code_field("outcome_scale")
    rated_by = code_field("outcome_rater")
    point = code_field("outcome_point")
    asked = code_field("outcome_asked", allow_none=True)
    on = fields.Date(allow_none=True)


class OutcomeListSchema(Schema):
    """Ratings of one episode, what was corrected among them, in the order in which they were written."""

    items = fields.List(fields.Nested(OutcomeRowSchema))
    next = fields.String(allow_none=True)


class OutcomeChangeSchema(Schema):
    """One outcome from the survivor's first to their newest answer on the scale."""

    outcome = code_field("outcome")
    of_services = fields.Boolean(metadata={"description": "It describes services: nobody's progress, so no change"})
    first = code_field("outcome_scale", allow_none=True)
    first_on = fields.Date(allow_none=True)
    newest = code_field("outcome_scale", allow_none=True)
    newest_on = fields.Date(allow_none=True)
    change = fields.String(allow_none=True, validate=validate.OneOf(CHANGES))
    last_answer = code_field(
        "outcome_scale", allow_none=True, metadata={"description": "What they said last, on the scale or not"}
    )


class OutcomeChangesSchema(Schema):
    """Every outcome of the list, of one episode."""

    items = fields.List(fields.Nested(OutcomeChangeSchema))


class EntitlementSchema(StrictSchema):
    """A right or an entitlement that the survivor gained; sealed."""

    entitlement = code_field("entitlement", required=True)
    on = day_field("The day on which they had it; null where nobody knows")
    goal_id = fields.UUID(**_NOBODY_SAID, metadata={"description": "The goal of theirs to which it belongs"})


class CorrectEntitlementSchema(CorrectSchema):
    """What is right of an entitlement."""

    entitlement = code_field("entitlement", **_NOBODY_SAID)
    on = day_field("The day on which they had it")
    goal_id = fields.UUID(**_NOBODY_SAID)
    clear = clear_field(Entitlement.MAY_BE_CLEARED)


class EntitlementRowSchema(KeptRowSchema):
    """An entitlement, a correction, or a taking back."""

    entitlement = code_field("entitlement")
    on = fields.Date(allow_none=True)
    goal_id = fields.String(allow_none=True)


class EntitlementListSchema(Schema):
    """Entitlements of one episode, what was corrected among them, in the order in which they were written."""

    items = fields.List(fields.Nested(EntitlementRowSchema))
    next = fields.String(allow_none=True)
