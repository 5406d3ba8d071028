"""Spelling on the wire."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.case.imports.profile import shipped
from shared.codelists import nationality
from shared.codelists.errors import UnknownCodeError
from shared.web.codes import code_field, name_field
from shared.web.instants import is_plausible_day
from shared.web.schemas import StrictSchema

_TEXT = validate.Length(max=500)
_NATIONALITY_FORMS = {
    "oneOf": [
        {"type": "string", "minLength": 1, "maxLength": 200},
        {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 100}, "maxItems": 2},
    ]
}


class NationalityField(fields.Field[str]):
    """What the import takes: a word, a country or a code, or two of them; also the codes that an episode shows.

    Such as ``Vietnamese``, ``Viet Nam``, ``VNM``, ``Albanian/Italian``, ``["ALB", "ITA"]`` or ``[]``.
    """

    def __init__(self, **options: Any) -> None:
        """Describe it in the API's document."""
        description = (
            "A nationality, a country's name or its ISO 3166-1 alpha-3 code, or two of them (Albanian/Italian); "
            "or the codes that an episode shows, none for stateless or not known"
        )
        super().__init__(**options, metadata={"description": description, **_NATIONALITY_FORMS})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002
        if value == []:
            return "not known"
        words = value if isinstance(value, list) else [value]
        if not all(isinstance(word, str) for word in words) or len(words) > 2:  # noqa: PLR2004  Two nationalities.
            raise ValidationError("Write a nationality, or two.")
        text = "/".join(words)
        try:
            nationality.parse(text)
        except UnknownCodeError as error:
            raise ValidationError("This is not in the table of nationalities.") from error
        return text


def _is_day(day: date) -> None:
    is_plausible_day(day)


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


class OpenEpisodeSchema(StrictSchema):
    """Support begins."""

    survivor_id = fields.UUID(required=True)
    referral_date = fields.Date(required=True, validate=_is_day)
    age_band = code_field("age_band", required=True)
    gender = code_field("gender", required=True)
    nationality = NationalityField(required=True)
    exploitation_types = fields.List(
        code_field("exploitation_type"), required=True, validate=validate.Length(min=1, max=20)
    )
    nation = code_field("nation", required=True)
    advocacy_area = code_field("advocacy_area", load_default=None, allow_none=True)
    advocate_id = fields.UUID(load_default=None, allow_none=True)
    transfer_in = fields.Boolean(load_default=False)
    excluded = fields.Boolean(load_default=False)


class CloseEpisodeSchema(StrictSchema):
    """Support ends."""

    reason = code_field("closure_reason", required=True)


class ExcludeSchema(StrictSchema):
    """The safety flag."""

    excluded = fields.Boolean(required=True)


class GoalSchema(StrictSchema):
    """What the survivor wants to reach."""

    area = code_field("advocacy_area", required=True)


class ContactSchema(StrictSchema):
    """One contact with the survivor, without what was said."""

    mode = code_field("contact_mode", required=True)
    interpreter = code_field("interpreter", required=True)
    minutes = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=0, max=1440))


class OutcomeSchema(StrictSchema):
    """How far something is reached, who says so, and when in the support."""

    outcome = code_field("outcome", required=True)
    rating = code_field("outcome_scale", required=True)
    rated_by = code_field("outcome_rater", required=True)
    point = code_field("outcome_point", required=True)


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


class SurvivorRowSchema(Schema):
    """A survivor as their own host sees them."""

    id = fields.String()
    version = fields.Integer()
    reference = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    safe_contact = fields.String(allow_none=True)


class AdvocatesSchema(Schema):
    """Who may act on a survivor, beside supervisors and, for consents, the data protection officer."""

    id = fields.String()
    advocate_ids = fields.List(fields.String())
    version = fields.Integer()


class EpisodeSchema(Schema):
    """An episode as its own host sees it."""

    id = fields.String()
    survivor_id = fields.String()
    status = fields.String()
    referral_date = fields.Date()
    age_band = fields.String()
    gender = fields.String()
    nationality = fields.List(fields.String())
    exploitation_types = fields.List(fields.String())
    nation = fields.String()
    advocacy_area = fields.String(allow_none=True)
    advocate_id = fields.String(allow_none=True)
    transfer_in = fields.Boolean()
    excluded = fields.Boolean(metadata={"description": "Not counted, whether a caseworker or an import says so"})
    excluded_by = fields.String(allow_none=True, metadata={"description": "CASEWORKER or IMPORT"})
    left_out = fields.List(fields.String(), metadata={"description": "Why an import leaves it out of counting"})
    recorded_in_error = fields.Boolean(metadata={"description": "Never counted"})
    closure_reason = fields.String(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
    updated_at = fields.AwareDateTime()


class EpisodeListSchema(Schema):
    """Episodes and the cursor of the next page."""

    items = fields.List(fields.Nested(EpisodeSchema))
    next = fields.String(allow_none=True)


class EntryListSchema(Schema):
    """Goals, contacts or outcomes of one episode; each has the codes of its kind."""

    items = fields.List(fields.Dict())
    next = fields.String(allow_none=True)


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


class TaskSchema(Schema):
    """An open safeguarding task."""

    id = fields.String()
    kind = fields.String()
    urgent = fields.Boolean()
    nation = fields.String()
    import_id = fields.String()
    row = fields.Integer()
    opened_at = fields.AwareDateTime()


class TaskListSchema(Schema):
    """Open safeguarding tasks."""

    items = fields.List(fields.Nested(TaskSchema))
    next = fields.String(allow_none=True)
