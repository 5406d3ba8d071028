"""Hand-overs on the wire."""

from marshmallow import Schema, fields, validate

from services.case.approvals.schemas import ApprovalRowSchema
from services.case.asking.schemas import LookRowSchema
from services.case.dependants.schemas import DependantsNowSchema
from services.case.goals.schemas import GoalRowSchema
from services.case.handing_over.rules import KINDS, LONGEST, STATES
from services.case.interpreting.schemas import InterpretingNowSchema
from services.case.nrm.schemas import NrmDeadlinesSchema
from services.case.steps.schemas import StepRowSchema
from shared.web.paging import PageQuerySchema
from shared.web.schemas import StrictSchema


class HandoverNoteSchema(StrictSchema):
    """What one would tell whoever works with this person next; the words are sealed."""

    words = fields.String(
        required=True,
        allow_none=True,
        validate=validate.Length(max=LONGEST),
        metadata={"description": "null takes back what replaces names"},
    )
    replaces = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The note that stands and is replaced; null where none of one's own stands"},
    )


class HandoverQuerySchema(PageQuerySchema):
    """Which hand-overs are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class HandoverRowSchema(Schema):
    """One person who was given to another advocate, or is covered by one."""

    id = fields.String()
    survivor_id = fields.String()
    move_id = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    from_id = fields.String()
    to_id = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    first_on = fields.Date(allow_none=True)
    last_on = fields.Date(allow_none=True)
    given_at = fields.AwareDateTime()
    read_at = fields.AwareDateTime(allow_none=True, metadata={"description": "When they said that they have read it"})
    version = fields.Integer()


class HandoverListSchema(Schema):
    """Hand-overs, oldest change first."""

    items = fields.List(fields.Nested(HandoverRowSchema))
    next = fields.String(allow_none=True)


class HandoverNoteRowSchema(Schema):
    """A note that stands."""

    id = fields.String()
    survivor_id = fields.String()
    part_of = fields.String(allow_none=True, metadata={"description": "Its author; null of the supervisors' note"})
    words = fields.String(allow_none=True)
    corrects = fields.String(allow_none=True)
    taken_back = fields.Boolean()
    actor_id = fields.String()
    role = fields.String()
    recorded_at = fields.AwareDateTime()
    version = fields.Integer()


class HandoverContactSchema(Schema):
    """That there was a contact; what was said stands with the contact."""

    id = fields.String()
    on = fields.Date(allow_none=True)
    mode = fields.String()


class HandoverSupportSchema(Schema):
    """An episode of support."""

    id = fields.String()
    status = fields.String()
    referral_date = fields.Date()
    advocate_id = fields.String(allow_none=True)


class HandoverCoverSchema(Schema):
    """Who covers for whom."""

    cover_id = fields.String()
    by = fields.String()
    instead_of = fields.String()
    first_on = fields.Date()
    last_on = fields.Date()


class HandoverPackSchema(Schema):
    """One person, for whoever takes over; consents are read from consent's own API."""

    survivor_id = fields.String()
    reference = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    safe_contact = fields.String(allow_none=True)
    handovers = fields.List(fields.Nested(HandoverRowSchema))
    notes = fields.List(fields.Nested(HandoverNoteRowSchema))
    questions = fields.List(fields.Nested(LookRowSchema))
    approvals = fields.List(fields.Nested(ApprovalRowSchema))
    steps = fields.List(fields.Nested(StepRowSchema))
    goals = fields.List(fields.Nested(GoalRowSchema))
    contacts = fields.List(fields.Nested(HandoverContactSchema))
    covers = fields.List(fields.Nested(HandoverCoverSchema))
    interpreting = fields.Nested(InterpretingNowSchema)
    dependants = fields.Nested(DependantsNowSchema)
    nrm = fields.Nested(NrmDeadlinesSchema)
    support = fields.List(fields.Nested(HandoverSupportSchema))
