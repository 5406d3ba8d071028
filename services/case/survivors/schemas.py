"""Survivors on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema

MOST_AT_ONCE = 100
"""Survivors of one request for references, and of one assignment: a transaction stays short."""

_RESTRICTED = {"description": "The use of their record is restricted: ask the data protection officer"}
_TEXT = validate.Length(max=500)


class SurvivorSchema(StrictSchema):
    """A person who is supported; all fields are sealed."""

    reference = fields.String(load_default=None, allow_none=True, validate=_TEXT)
    name = fields.String(load_default=None, allow_none=True, validate=_TEXT)
    safe_contact = fields.String(load_default=None, allow_none=True, validate=_TEXT)


class RegisterSurvivorSchema(SurvivorSchema):
    """A person who is registered, and who may act on them."""

    advocate_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The survivor's advocate; whoever registers, if they are one"},
    )


class AssignSchema(StrictSchema):
    """Who may act on a survivor from now on: the whole set."""

    advocate_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=20))


class SurvivorRowSchema(Schema):
    """A survivor as their own host sees them."""

    id = fields.String()
    version = fields.Integer()
    reference = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    safe_contact = fields.String(allow_none=True)
    restricted = fields.Boolean(metadata=_RESTRICTED)


class AdvocatesSchema(Schema):
    """Who may act on a survivor, beside supervisors and, for consents, the data protection officer."""

    id = fields.String()
    advocate_ids = fields.List(fields.String())
    version = fields.Integer()


class SurvivorQuerySchema(PageQuerySchema):
    """Which survivors are wanted."""

    advocate_id = fields.UUID(load_default=None, metadata={"description": "On whom this advocate may act"})


class ListedSurvivorSchema(SurvivorRowSchema):
    """A survivor of a list, with who may act on them."""

    advocate_ids = fields.List(fields.String(), allow_none=True)
    updated_at = fields.AwareDateTime()


class SurvivorListSchema(Schema):
    """Survivors, oldest change first."""

    items = fields.List(fields.Nested(ListedSurvivorSchema))
    next = fields.String(allow_none=True)


class NamedSurvivorSchema(Schema):
    """A survivor by the host's own reference and name."""

    id = fields.String()
    reference = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    version = fields.Integer()
    restricted = fields.Boolean(metadata=_RESTRICTED)


class NamedSurvivorListSchema(Schema):
    """Survivors by the host's own reference and name."""

    items = fields.List(fields.Nested(NamedSurvivorSchema))
    next = fields.String(allow_none=True)


class ReferencesSchema(StrictSchema):
    """Of whom the own references are wanted; ids go in a body, so that none stands in an address or a log."""

    survivor_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))


class AssignManySchema(StrictSchema):
    """To whom an advocate is given who have none."""

    survivor_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))
    advocate_id = fields.UUID(required=True)


class AssignedSchema(AnswerSchema):
    """How many were given the advocate, and how many were left as they were."""

    assigned = fields.Integer()
    left = fields.Integer()
