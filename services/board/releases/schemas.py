"""What is sent about releases."""

from marshmallow import fields, validate

from shared.codelists.lists import get
from shared.web.schemas import StrictSchema


class ReleaseSchema(StrictSchema):
    """The task whose tables go out."""

    task_id = fields.UUID(required=True)


class ApproveSchema(StrictSchema):
    """The digest of the release that was looked at."""

    digest = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))


class DelaySchema(StrictSchema):
    """Until when, and why."""

    until = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(get("delay_reason").codes))


class EraseSchema(StrictSchema):
    """By whose order a table goes."""

    reason = fields.String(required=True, validate=validate.OneOf(get("erasure_reason").codes))
