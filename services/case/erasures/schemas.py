"""Erasures on the wire."""

from marshmallow import Schema, fields, validate

from shared.codelists.lists import get
from shared.web.codes import code_field
from shared.web.paging import PageQuerySchema
from shared.web.schemas import StrictSchema

_ONE_EACH = validate.Length(max=len(get("erasure_hold").codes))


class AskErasureSchema(StrictSchema):
    """That nothing holds it back, and how the person was told."""

    holds = fields.List(
        code_field("erasure_hold"),
        required=True,
        validate=_ONE_EACH,
        metadata={"description": "What holds it back; any of them refuses the erasure"},
    )
    looked_for_holds = fields.Boolean(
        required=True, metadata={"description": "Somebody looked for what holds it back; unknown is no leave"}
    )
    told = code_field("rights_told", required=True)


class ErasureSchema(Schema):
    """An erasure, and how far it is."""

    id = fields.String(metadata={"description": "Also the rights case's"})
    survivor_id = fields.String()
    state = code_field("erasure_state")
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()
    told = fields.String()
    confirmed_by = fields.String(allow_none=True)
    confirmed_at = fields.AwareDateTime(allow_none=True)
    erased_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Nothing here opens from five seconds after this on"}
    )
    copies_closed_at = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "No key opens what the database's log, a queue or a backup of the data still holds"},
    )
    generation = fields.Integer(allow_none=True)
    backups_closed_at = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "Somebody made sure that no keys file from before is left"},
    )
    backups_closed_by = fields.String(allow_none=True)
    version = fields.Integer()


class ErasureListSchema(Schema):
    """Erasures."""

    items = fields.List(fields.Nested(ErasureSchema))
    next = fields.String(allow_none=True)


class ErasedPersonSchema(Schema):
    """Whom it is about, while that can be read."""

    reference = fields.String(allow_none=True)
    name = fields.String(allow_none=True)


class RemainsSchema(Schema):
    """What stays, and why."""

    code = code_field("erasure_remains")
    words = fields.String()


class ErasureCertificateSchema(ErasureSchema):
    """An erasure with its three dates, and what stays and why."""

    person = fields.Nested(ErasedPersonSchema, allow_none=True)
    remains = fields.List(fields.Nested(RemainsSchema))


class ErasureQuerySchema(PageQuerySchema):
    """Which erasures are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(get("erasure_state").codes))
