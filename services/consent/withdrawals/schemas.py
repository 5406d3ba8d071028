"""Withdrawals on the wire."""

from marshmallow import Schema, fields, validate

from services.consent.withdrawals.commands import FINDINGS
from services.consent.withdrawals.rules import ANSWERS
from shared.web.codes import code_field
from shared.web.schemas import StrictSchema


class AnswerForSchema(StrictSchema):
    """What a recipient answered."""

    question_id = fields.UUID(required=True)
    answer = fields.String(required=True, validate=validate.OneOf(sorted(ANSWERS)))
    finding = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(FINDINGS))
    legal_reason = code_field("withdrawal_refusal", load_default=None, allow_none=True)


class AskedSchema(Schema):
    """One who was asked, and the answer."""

    id = fields.String()
    party = fields.String(metadata={"description": "A service of this host, or a class of recipients"})
    kind = fields.String()
    due_at = fields.AwareDateTime()
    asked = fields.Integer()
    late = fields.Boolean()
    answer = fields.String(allow_none=True, metadata={"description": "DONE, REFUSED, or none while it is open"})
    finding = fields.String(allow_none=True)
    legal_reason = fields.String(allow_none=True)
    periods = fields.List(fields.String(), metadata={"description": "Sealed before it was recorded; these stay"})
    answered_at = fields.AwareDateTime(allow_none=True)


class ProofSchema(Schema):
    """What became of a withdrawal."""

    id = fields.String()
    consent_id = fields.String()
    survivor_id = fields.String()
    purpose = fields.String()
    recipient_class = fields.String(allow_none=True)
    status = fields.String(metadata={"description": "What ended the permission"})
    effective_at = fields.AwareDateTime(metadata={"description": "When it was said; it holds from then"})
    recorded_at = fields.AwareDateTime()
    state = fields.String(metadata={"description": "OPEN or PROVEN"})
    proven_at = fields.AwareDateTime(allow_none=True)
    questions = fields.List(fields.Nested(AskedSchema))
    version = fields.Integer()


class ProofListSchema(Schema):
    """Withdrawals."""

    items = fields.List(fields.Nested(ProofSchema))
    next = fields.String(allow_none=True)


class NotedSchema(Schema):
    """What noting an answer answers."""

    id = fields.String()
    state = fields.String()
