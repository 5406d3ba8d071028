"""Requests for survivors' information on the wire."""

from marshmallow import Schema, fields, validate

from services.case.rights.schemas import MOST_WORDS, RightsPersonSchema
from shared.codelists.lists import get
from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema

_SEALED = {"description": "Sealed under the survivor's own key; gone with an erasure"}


def _words() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(max=MOST_WORDS), metadata=_SEALED)


class TakeInformationRequestSchema(StrictSchema):
    """Who asks, about whom, and when it arrived."""

    survivor_id = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "Left out where the request names nobody"}
    )
    asked_by = code_field("legal_request_type", required=True)
    received_on = fields.Date(load_default=None, allow_none=True)
    words = _words()


class JudgedSchema(StrictSchema):
    """What was judged; what is left out stays as it was, and what was never judged is no yes."""

    legal_power = code_field("legal_power")
    relevant = code_field("judgement")
    necessary = code_field("judgement")
    proportionate = code_field("judgement")
    counselling = code_field("counselling_content")
    probative = code_field("judgement")
    counsel_on = fields.Date(
        allow_none=True, metadata={"description": "The day on which counsel was heard; null takes it back"}
    )


class NoticeSchema(StrictSchema):
    """Whether the survivor was told."""

    notice = code_field("survivor_notice", required=True)


class InformationAnsweredSchema(StrictSchema):
    """What was answered."""

    outcome = code_field("legal_request_outcome", required=True)
    refusals = fields.List(
        code_field("information_refusal"),
        load_default=list,
        validate=validate.Length(max=len(get("information_refusal").codes)),
    )
    left = fields.List(
        code_field("data_class"), load_default=list, validate=validate.Length(max=len(get("data_class").codes))
    )
    words = _words()


class InformationAnswerSchema(AnswerSchema):
    """The request, its version, and how it stands."""

    outcome = fields.String()


class ListedInformationRequestSchema(Schema):
    """A request in a list; nothing of what was said."""

    id = fields.String()
    survivor_id = fields.String(allow_none=True)
    asked_by = fields.String()
    received_on = fields.Date()
    taken_by = fields.String()
    taken_role = fields.String()
    taken_at = fields.AwareDateTime()
    state = fields.String()
    outcome = fields.String()
    judged = fields.Nested(JudgedSchema)
    judged_by = fields.String(allow_none=True)
    judged_at = fields.AwareDateTime(allow_none=True)
    notice = fields.String()
    noticed_by = fields.String(allow_none=True)
    noticed_at = fields.AwareDateTime(allow_none=True)
    refusals = fields.List(fields.String())
    left = fields.List(fields.String())
    closed_by = fields.String(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class InformationRequestListSchema(Schema):
    """Requests, the longest untouched first."""

    items = fields.List(fields.Nested(ListedInformationRequestSchema))
    next = fields.String(allow_none=True)


class InformationRequestSchema(ListedInformationRequestSchema):
    """A whole request, and how to reach the survivor safely."""

    words = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    person = fields.Nested(RightsPersonSchema, allow_none=True)


class InformationQuerySchema(PageQuerySchema):
    """Which requests are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(["OPEN", "CLOSED"]))
