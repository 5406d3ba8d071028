"""Approvals on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.case.approvals.plan import PARTS
from services.case.approvals.rules import APPROVERS, AT_ONCE, KINDS, LONGEST, STATES, SUPERVISOR, WAITS_FOR
from services.case.contacts.rules import says_something
from services.case.outcomes.schemas import day_field
from shared.codelists.lists import get
from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import StrictSchema


def _says_something(words: str) -> None:
    if not says_something(words):
        raise ValidationError("Say it in a few words.")


def _asked_of() -> fields.String:
    about = {"description": "Who is to decide; the safeguarding lead where no other supervisor can"}
    return fields.String(load_default=SUPERVISOR, validate=validate.OneOf(APPROVERS), metadata=about)


class AgreementSchema(StrictSchema):
    """How the survivor stands to the plan, or why nobody has asked them yet; sealed."""

    agreement = code_field("plan_agreement", required=True)
    agreed_on = day_field("The day on which they agreed; where they agreed, and only there")
    agreed_how = code_field(
        "consent_method",
        load_default=None,
        allow_none=True,
        metadata={"description": "How they agreed; where they agreed, and only there"},
    )


class AskForPlanSchema(AgreementSchema):
    """The plan is to be approved, as it stands now."""

    asked_of = _asked_of()


class AskForClosureSchema(StrictSchema):
    """Support is to end."""

    reason = fields.String(
        required=True,
        validate=validate.OneOf([code for code in get("closure_reason").codes if code not in AT_ONCE]),
        metadata={"description": "A code of closure_reason; a death, and an end that the survivor wants, never wait"},
    )
    asked_of = _asked_of()


class SendBackSchema(StrictSchema):
    """What is to be mended first; the words are sealed."""

    words = fields.String(required=True, validate=[validate.Length(max=LONGEST), _says_something])


class ApprovalQuerySchema(PageQuerySchema):
    """Which approvals are wanted."""

    waits_for = fields.String(load_default=None, validate=validate.OneOf(WAITS_FOR))


class ApprovalRowSchema(Schema):
    """What was asked for, and what became of it."""

    id = fields.String()
    survivor_id = fields.String()
    episode_id = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf(STATES))
    waits_for = fields.String(validate=validate.OneOf(WAITS_FOR), metadata={"description": "Whose turn it is"})
    asked_of = fields.String(validate=validate.OneOf(APPROVERS))
    closure_reason = code_field("closure_reason", allow_none=True)
    agreement = code_field("plan_agreement", allow_none=True)
    agreed_on = fields.Date(allow_none=True)
    agreed_how = code_field("consent_method", allow_none=True)
    words = fields.String(allow_none=True, metadata={"description": "What whoever sent it back wrote"})
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()
    decided_by = fields.String(allow_none=True)
    decided_role = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class ApprovalListSchema(Schema):
    """Approvals, oldest change first."""

    items = fields.List(fields.Nested(ApprovalRowSchema))
    next = fields.String(allow_none=True)


class PlanPartSchema(Schema):
    """One thing of the plan, exactly as it was asked for."""

    part = fields.String(validate=validate.OneOf(PARTS))
    id = fields.String(metadata={"description": "Of a goal or a step its id; of a need or a risk its code"})
    says: Any = fields.Dict(keys=fields.String(), values=fields.String())


class PlanChangesSchema(Schema):
    """How the plan differs now; what was carried out of it is no change."""

    added = fields.Integer()
    rewritten = fields.Integer()
    gone = fields.Integer()


class SaidSchema(Schema):
    """How they stood to it at one moment."""

    agreement = code_field("plan_agreement")
    on = fields.Date(allow_none=True)
    how = code_field("consent_method", allow_none=True)
    by = fields.String()
    at = fields.AwareDateTime()


class ApprovalSchema(ApprovalRowSchema):
    """An approval with exactly what is asked for."""

    said = fields.List(fields.Nested(SaidSchema), metadata={"description": "The newest last; each earlier one stays"})
    plan = fields.List(fields.Nested(PlanPartSchema))
    changed = fields.Boolean(metadata={"description": "The plan was changed since somebody asked"})
    changes = fields.Nested(PlanChangesSchema)


class ApprovalSettingSchema(StrictSchema):
    """Whether support waits for an approval before it ends."""

    closures_wait = fields.Boolean(required=True)


class ApprovalSettingRowSchema(Schema):
    """What the host stated; as long as it says nothing, an end waits."""

    id = fields.String()
    closures_wait = fields.Boolean()
    stated_by = fields.String(allow_none=True)
    updated_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
