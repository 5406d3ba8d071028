"""Needs and risks on the wire; everything that they say is sealed."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.case.needs.rules import Need
from services.case.outcomes.schemas import CorrectSchema, KeptRowSchema, clear_field, day_field
from shared.web.codes import code_field
from shared.web.schemas import StrictSchema

LONGEST_WORDS = 2000
_NOBODY_SAID: dict[str, Any] = {"load_default": None, "allow_none": True}
_VIEW = {"description": "How the survivor sees it, or that they did not say; never the advocate's own view"}


def _day() -> fields.Date:
    return day_field("The day of the talk")


def _words() -> fields.String:
    about = {"description": "What has to be kept, in a few words"}
    return fields.String(**_NOBODY_SAID, validate=validate.Length(max=LONGEST_WORDS), metadata=about)


class NeedSchema(StrictSchema):
    """What somebody needs in one area, as it is weighed now."""

    about = code_field("advocacy_area", required=True)
    level = code_field("need_level", required=True)
    view = code_field("need_view", **_NOBODY_SAID, metadata=_VIEW)
    on = _day()
    words = _words()


class CorrectNeedSchema(CorrectSchema):
    """What is right of a need."""

    about = code_field("advocacy_area", **_NOBODY_SAID)
    level = code_field("need_level", **_NOBODY_SAID)
    view = code_field("need_view", **_NOBODY_SAID)
    on = _day()
    words = _words()
    clear = clear_field(Need.MAY_BE_CLEARED)


class RiskSchema(StrictSchema):
    """What endangers somebody, as it is weighed now."""

    about = code_field("risk_type", required=True)
    level = code_field("risk_level", required=True)
    view = code_field("risk_view", **_NOBODY_SAID, metadata=_VIEW)
    on = _day()
    words = _words()


class CorrectRiskSchema(CorrectSchema):
    """What is right of a risk."""

    about = code_field("risk_type", **_NOBODY_SAID)
    level = code_field("risk_level", **_NOBODY_SAID)
    view = code_field("risk_view", **_NOBODY_SAID)
    on = _day()
    words = _words()
    clear = clear_field(Need.MAY_BE_CLEARED)


class NeedRowSchema(KeptRowSchema):
    """A need, a correction, or a taking back."""

    about = code_field("advocacy_area")
    level = code_field("need_level")
    view = code_field("need_view", allow_none=True)
    on = fields.Date(allow_none=True)
    words = fields.String(allow_none=True)


class RiskRowSchema(KeptRowSchema):
    """A risk, a correction, or a taking back."""

    about = code_field("risk_type")
    level = code_field("risk_level")
    view = code_field("risk_view", allow_none=True)
    on = fields.Date(allow_none=True)
    words = fields.String(allow_none=True)


class NeedListSchema(Schema):
    """Needs of one episode, everything that was ever written among them, in the order of writing."""

    items = fields.List(fields.Nested(NeedRowSchema))
    next = fields.String(allow_none=True)


class RiskListSchema(Schema):
    """Risks of one episode, everything that was ever written among them, in the order of writing."""

    items = fields.List(fields.Nested(RiskRowSchema))
    next = fields.String(allow_none=True)


class NeedsNowSchema(Schema):
    """Each need as it stands; older weighings are in the list of all."""

    items = fields.List(fields.Nested(NeedRowSchema))


class RisksNowSchema(Schema):
    """Each risk as it stands; older weighings are in the list of all."""

    items = fields.List(fields.Nested(RiskRowSchema))
