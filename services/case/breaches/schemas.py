"""Breaches on the wire."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.case.breaches.rules import MOST_TOUCHED
from shared.codelists.lists import get
from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema


def _codes(list_name: str, *, least: int = 0) -> Any:
    bounds = validate.Length(min=least, max=len(get(list_name).codes))
    return fields.List(code_field(list_name), required=True, validate=bounds)


class TakeBreachSchema(StrictSchema):
    """What happened, when the host knew, and what was in it as far as is known."""

    kind = code_field("breach_kind", required=True)
    aware_at = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "When the host knew; now if left out"}
    )
    contents = _codes("breach_content")


class BreachTakenSchema(AnswerSchema):
    """The breach, and by when the ICO hears of it."""

    ico_due_at = fields.AwareDateTime()


class JudgeBreachSchema(StrictSchema):
    """What was in it, and how great the risk is."""

    risk = code_field("breach_risk", required=True)
    contents = _codes("breach_content", least=1)


class BreachPeopleSchema(StrictSchema):
    """Whom it touches; ids go in a body, so that none stands in an address or a log."""

    survivor_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_TOUCHED))


class BreachToldSchema(StrictSchema):
    """Who was told, and how."""

    survivor_id = fields.UUID(required=True)
    told = code_field("breach_told", required=True)


class BreachReportSchema(StrictSchema):
    """When the ICO was told, and who else."""

    reported_at = fields.AwareDateTime(load_default=None, allow_none=True)
    late = code_field(
        "breach_late", load_default=None, allow_none=True, metadata={"description": "Why after more than 72 hours"}
    )
    also_told = _codes("breach_also_told")


class CloseBreachSchema(StrictSchema):
    """What was done."""

    remedies = _codes("breach_remedy", least=1)


class BreachReportRowSchema(Schema):
    """When the ICO was told, and who else."""

    at = fields.AwareDateTime()
    late = fields.String(allow_none=True)
    also_told = fields.List(fields.String())


class ListedBreachSchema(Schema):
    """A breach in a list."""

    id = fields.String()
    kind = fields.String()
    aware_at = fields.AwareDateTime()
    contents = fields.List(fields.String())
    taken_by = fields.String()
    taken_role = fields.String()
    taken_at = fields.AwareDateTime()
    ico_due_at = fields.AwareDateTime()
    state = fields.String()
    risk = fields.String()
    stands_at = fields.String(metadata={"description": "The risk that counts: high where nobody judged"})
    pressing = fields.Boolean(metadata={"description": "Unreported, with fewer than 24 of the 72 hours left, or none"})
    people = fields.Integer(metadata={"description": "How many people it names"})
    untold = fields.Integer(metadata={"description": "How many of them were not told yet"})
    report = fields.Nested(BreachReportRowSchema, allow_none=True)
    remedies = fields.List(fields.String())
    judged_by = fields.String(allow_none=True)
    closed_by = fields.String(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class BreachListSchema(Schema):
    """Breaches, the longest untouched first."""

    items = fields.List(fields.Nested(ListedBreachSchema))
    next = fields.String(allow_none=True)


class TouchedSchema(Schema):
    """Somebody whom it touches, and how to reach them safely; of an erased person neither."""

    survivor_id = fields.String()
    told = fields.String()
    told_at = fields.AwareDateTime(allow_none=True)
    name = fields.String(allow_none=True)
    safe_contact = fields.String(allow_none=True)


class BreachSchema(ListedBreachSchema):
    """A whole breach."""

    touched = fields.List(fields.Nested(TouchedSchema))


class BreachQuerySchema(PageQuerySchema):
    """Which breaches are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(["OPEN", "CLOSED"]))
