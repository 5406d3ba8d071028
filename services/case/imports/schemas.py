"""Imports on the wire."""

from marshmallow import Schema, fields, validate

from services.case.imports.rules.profile import shipped
from shared.web.codes import name_field
from shared.web.schemas import StrictSchema


class ImportQuerySchema(StrictSchema):
    """How an upload is to be read."""

    profile = fields.String(
        load_default=None,
        validate=validate.OneOf(
            sorted(shipped()), error="There is no such mapping profile. Leave it out, and the columns decide."
        ),
        metadata={"description": "Mapping profile; chosen by the columns if not given"},
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
    state = fields.String(metadata={"description": "WAITING, DONE, REFUSED (nothing taken) or FAILED (part taken)"})
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
