"""Spelling of entries on the wire."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import CODE_PATTERN
from shared.kernel.standing import Standing

ID = validate.Regexp(CODE_PATTERN, error="This is not an id. Send one as an earlier answer gave it.")


class AuditEntrySchema(Schema):
    """One action; ids and codes only."""

    id = fields.String()
    service = fields.String()
    action = fields.String()
    actor_id = fields.String()
    role = fields.String()
    object_id = fields.String()
    outcome = fields.String()
    count = fields.Integer(metadata={"description": "Where so many of the same are counted, not listed"})
    standing = fields.String(
        validate=validate.OneOf([one.value for one in Standing]),
        metadata={"description": "How they stood to the person, where the service said so when it let them in"},
    )
    found = fields.Integer(metadata={"description": "How many a search gave"})
    at = fields.AwareDateTime()
