"""Imports on the wire."""

from marshmallow import Schema, fields, validate

from services.case.imports.rules.reading import DELIMITERS
from shared.web.codes import name_field
from shared.web.schemas import StrictSchema


class ImportQuerySchema(StrictSchema):
    """How an upload is to be read."""

    profile = name_field(
        load_default=None,
        metadata={
            "description": "Mapping profile: one that this host has approved, or one that comes with the software; "
            "chosen by the columns if not given"
        },
    )
    source = name_field(
        load_default=None,
        metadata={
            "description": "The system whose references these are; needed where files of two systems were imported"
        },
    )
    known_rows = fields.String(
        load_default="ask",
        validate=validate.OneOf(["ask", "correct"]),
        metadata={
            "description": "What to do with a known reference whose row has another day of referral, or another gender "
            "and nationality: ask (the row is set aside) or correct (it is taken)"
        },
    )
    exact_references = fields.Boolean(
        load_default=False,
        metadata={"description": "References that differ only in zeros, spaces, capitals or accents are other people"},
    )

    mode = fields.String(
        load_default="direct",
        validate=validate.OneOf(["direct", "plan"]),
        metadata={
            "description": "direct: carried out at once, and nothing can undo it. plan: nothing is carried out until "
            "somebody commits what the plan tells"
        },
    )
    encoding = name_field(
        load_default=None,
        metadata={"description": "The file's encoding, such as windows-1250, where it is not known for sure"},
    )
    delimiter = fields.String(
        load_default=None,
        validate=validate.OneOf(list(DELIMITERS)),
        metadata={"description": "The one sign between two cells, where it is not found"},
    )
    sheet = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=100),
        metadata={"description": "The sheet's name, where a spreadsheet has several with a table"},
    )
    header_row = fields.Integer(
        load_default=None,
        validate=validate.Range(min=1, max=1_000),
        metadata={"description": "The line or row on which the header stands, where it is not found"},
    )
    is_part = fields.Boolean(
        load_default=False,
        metadata={"description": "The file holds some records only, so whoever is not in it is not gone"},
    )
    invented = fields.Boolean(
        load_default=False,
        metadata={"description": "Everybody in the file is invented; a sandbox takes no other file"},
    )


class ImportProblemSchema(Schema):
    """Why a row was not taken, without what it says."""

    row = fields.Integer()
    column = fields.String()
    code = fields.String()
    sentence = fields.String()
    urgent = fields.Boolean(
        metadata={"description": "Somebody's no, or a possible child, is concerned; correct it first"}
    )


class ImportSchema(Schema):
    """An import's report."""

    id = fields.String()
    state = fields.String(
        metadata={
            "description": "WAITING, DONE, REFUSED (nothing taken) or FAILED (part taken); of one that is planned also "
            "PLANNING, PLANNED, COMMITTING, UNDOING, UNDONE and EXPIRED"
        }
    )
    why = fields.String(allow_none=True)
    profile = fields.String(allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    done = fields.Integer(metadata={"description": "Rows carried out so far"})
    problems = fields.List(fields.Nested(ImportProblemSchema))
    problems_omitted = fields.Integer(metadata={"description": "Further problems that are not listed"})
    held_rows = fields.List(fields.Integer())
    consents_ended = fields.Integer(metadata={"description": "Consents that this file ended"})
    source = fields.String(allow_none=True, metadata={"description": "The system whose references these are"})
    source_is_new = fields.Boolean(
        allow_none=True, metadata={"description": "The first file of this system, beside others of this host"}
    )
    dropped_columns = fields.List(
        fields.String(), allow_none=True, metadata={"description": "Not read and not kept: known names, else letters"}
    )
    unread_columns = fields.List(
        fields.String(), allow_none=True,
        metadata={"description": "Letters of dropped columns whose name may speak of a consent"},
    )  # fmt: skip
    ignored_rows = fields.List(
        fields.Integer(), allow_none=True, metadata={"description": "Lines that are not records, such as totals"}
    )
    header_row = fields.Integer(allow_none=True)
    encoding = fields.String(allow_none=True)
    planned = fields.Boolean()
    is_part = fields.Boolean()
    of = fields.Integer(allow_none=True, metadata={"description": "Rows of the file; null until it is known"})
    plan_hash = fields.String(allow_none=True)
    plan_counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    planned_at = fields.AwareDateTime(allow_none=True)
    expires_at = fields.AwareDateTime(allow_none=True)
    noes = fields.Integer(metadata={"description": "Rows of the plan that say no"})
    changed_rows = fields.List(
        fields.Integer(), metadata={"description": "A commit found these changed, so a new plan was made instead"}
    )
    undo_until = fields.AwareDateTime(allow_none=True)
    undone = fields.Integer(metadata={"description": "Rows that an undo took back"})
    left_rows = fields.List(
        fields.Integer(), metadata={"description": "Rows that an undo left, since somebody changed the person since"}
    )
