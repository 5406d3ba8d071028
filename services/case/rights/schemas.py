"""Rights cases on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema

MOST_WORDS = 4_000
"""Characters of what is written down of one request, note or answer."""
MOST_REFUSALS = 14

_WORDS = validate.Length(max=MOST_WORDS)
_SEALED = {"description": "Sealed under the survivor's own key; gone with an erasure"}


def _words() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=_WORDS, metadata=_SEALED)


class TakeRightsCaseSchema(StrictSchema):
    """Who asked, for what, how and when it arrived."""

    survivor_id = fields.UUID(required=True)
    kind = code_field("rights_request", required=True)
    channel = code_field("rights_channel", required=True)
    received_on = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "The day on which it arrived; today if left out"}
    )
    words = _words()


class RightsNoteSchema(StrictSchema):
    """What was done."""

    words = fields.String(required=True, validate=validate.Length(min=1, max=MOST_WORDS), metadata=_SEALED)


class RightsAcknowledgedSchema(StrictSchema):
    """How the person was told that it has arrived."""

    told = code_field("rights_told", required=True)
    words = _words()


class RightsClockStopSchema(StrictSchema):
    """What is needed of the person."""

    why = code_field("rights_clock_stop", required=True)
    words = _words()


class RightsClockResumeSchema(StrictSchema):
    """It is there."""

    words = _words()


class RightsExtensionSchema(StrictSchema):
    """Why more time is taken."""

    why = code_field("rights_extension", required=True)
    words = _words()


class RightsDecisionSchema(StrictSchema):
    """How it ends, and what the person was told."""

    outcome = code_field("rights_outcome", required=True)
    refusals = fields.List(
        code_field("rights_refusal"),
        load_default=list,
        validate=validate.Length(max=MOST_REFUSALS),
        metadata={"description": "Of what is not done; needed where anything is not"},
    )
    told = code_field("rights_told", required=True)
    ico_route_told = fields.Boolean(
        load_default=False,
        metadata={"description": "They were told that they can go to the ICO; needed where anything is not done"},
    )
    answer = _words()


class RightsAnswerSchema(AnswerSchema):
    """The case, its version, and its last day."""

    due_on = fields.Date()


class TakenRightsCaseSchema(Schema):
    """A case as whoever took it down sees it: how it goes, and nothing of what was said."""

    id = fields.String()
    kind = fields.String()
    received_on = fields.Date()
    state = fields.String()
    due_on = fields.Date()
    overdue = fields.Boolean()
    acknowledged_at = fields.AwareDateTime(allow_none=True)
    outcome = fields.String(allow_none=True)
    version = fields.Integer()


class TakenRightsCaseListSchema(Schema):
    """Cases that the caller took down."""

    items = fields.List(fields.Nested(TakenRightsCaseSchema))
    next = fields.String(allow_none=True)


class ListedRightsCaseSchema(TakenRightsCaseSchema):
    """A case as the data protection officer sees it in a list."""

    survivor_id = fields.String()
    channel = fields.String()
    taken_by = fields.String()
    taken_role = fields.String()
    taken_at = fields.AwareDateTime()
    nation = fields.String()
    calendar_version = fields.Integer()
    acknowledge_by = fields.Date(allow_none=True)
    stopped_for = fields.String(allow_none=True)
    stopped_on = fields.Date(allow_none=True)
    stopped_days = fields.Integer()
    extended_for = fields.String(allow_none=True)
    refusals = fields.List(fields.String())
    told = fields.String(allow_none=True)
    ico_route_told = fields.Boolean()
    erasing = fields.String(allow_none=True, metadata={"description": "How far an erasure is that was asked for here"})
    closed_by = fields.String(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)


class RightsCaseListSchema(Schema):
    """Rights cases, the longest untouched first."""

    items = fields.List(fields.Nested(ListedRightsCaseSchema))
    next = fields.String(allow_none=True)


class RightsStepSchema(Schema):
    """One thing that happened."""

    id = fields.String()
    step = fields.String()
    reason = fields.String(allow_none=True)
    actor_id = fields.String()
    role = fields.String()
    at = fields.AwareDateTime()
    words = fields.String(allow_none=True)


class RightsPersonSchema(Schema):
    """Whose it is; nothing of somebody who was erased."""

    reference = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    safe_contact = fields.String(allow_none=True)


class RightsCaseSchema(ListedRightsCaseSchema):
    """A whole case: what was asked, whose it is, how to reach them safely, and what happened."""

    words = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    person = fields.Nested(RightsPersonSchema, allow_none=True)
    steps = fields.List(fields.Nested(RightsStepSchema))


class RightsQuerySchema(PageQuerySchema):
    """Which cases are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(["OPEN", "CLOSED"]))
    overdue = fields.Boolean(load_default=False, metadata={"description": "Only those that are overdue"})
