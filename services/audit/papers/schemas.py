"""Papers on the wire."""

from marshmallow import Schema, fields, validate

from services.audit.log.schemas import ID
from services.audit.papers.rules import ACTS
from services.audit.papers.withholding import MOST_ENTRIES, STATES
from shared.web.codes import code_field
from shared.web.instants import InstantField
from shared.web.schemas import StrictSchema


class PaperAskedSchema(StrictSchema):
    """Whose paper; ids go in a body, so that none stands in an address or a log."""

    survivor_id = fields.UUID(required=True)
    in_private = fields.Boolean(
        required=True, metadata={"description": "They are alone with you, and nobody can see or hear it"}
    )
    safe = fields.Boolean(
        required=True, metadata={"description": "You asked: nobody makes them ask for it, and having it harms nobody"}
    )
    language = code_field("language", load_default="en")
    nameless = fields.Boolean(
        load_default=False, metadata={"description": "For a copy to keep: without the organisation's or anybody's name"}
    )


class PaperLineSchema(Schema):
    """So many of the same."""

    when = fields.String(metadata={"description": "A month and a part of the day"})
    who = fields.String(metadata={"description": "A role in words"})
    organisation = fields.String()
    what = fields.String(metadata={"description": "What they did, and why"})
    times = fields.String()
    staff_id = fields.String(metadata={"description": "Only where the host states that papers may name its staff"})


class PaperSchema(Schema):
    """A paper, in sentences."""

    language = fields.String(metadata={"description": "The language it is in, English where no other was reviewed"})
    title = fields.String()
    intro = fields.String()
    columns = fields.Dict(keys=fields.String(), values=fields.String())
    lines = fields.List(fields.Nested(PaperLineSchema))
    nobody = fields.String(allow_none=True)
    also = fields.List(fields.String())
    notes = fields.List(fields.String())


class WithholdingAskedSchema(StrictSchema):
    """Which entries are left out, why, and until when."""

    entry_ids = fields.List(
        fields.String(validate=ID), required=True, validate=validate.Length(min=1, max=MOST_ENTRIES)
    )
    reason = code_field("withholding_reason", required=True)
    until = InstantField(required=True, metadata={"description": "From then on they are shown again"})


class WithheldEntrySchema(Schema):
    """One entry, as the second person judges it."""

    id = fields.String()
    month = fields.String()
    role = fields.String()
    act = fields.String(validate=validate.OneOf(ACTS))


class WithholdingSchema(Schema):
    """One withholding."""

    id = fields.String()
    survivor_id = fields.String()
    entry_ids = fields.List(fields.String())
    entries = fields.List(fields.Nested(WithheldEntrySchema))
    reason = fields.String()
    until = fields.AwareDateTime()
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()
    agreed_by = fields.String(allow_none=True)
    agreed_at = fields.AwareDateTime(allow_none=True)
    ended_by = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    state = fields.String(validate=validate.OneOf(STATES))
    version = fields.Integer()


class WithholdingListSchema(Schema):
    """Withholdings and the cursor of the next page."""

    items = fields.List(fields.Nested(WithholdingSchema))
    next = fields.String(allow_none=True)


class NamesSchema(StrictSchema):
    """What the host states."""

    names_shown = fields.Boolean(required=True)


class PaperPolicySchema(Schema):
    """Whether papers may name staff, and who stated it."""

    id = fields.String()
    names_shown = fields.Boolean()
    stated_by = fields.String(allow_none=True)
    stated_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
