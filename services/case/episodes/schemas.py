"""Episodes on the wire."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.case.episodes.rules import CASEWORKER, IMPORT
from services.case.episodes.states import ACTIVE, BEGINS, CLOSED, REASONS, STEPS
from shared.codelists import nationality
from shared.codelists.errors import UnknownCodeError
from shared.web.codes import code_field
from shared.web.instants import is_plausible_day
from shared.web.paging import PageQuerySchema
from shared.web.schemas import StrictSchema

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


class OpenEpisodeSchema(StrictSchema):
    """Support begins."""

    survivor_id = fields.UUID(required=True)
    referral_date = fields.Date(required=True, validate=_is_day, metadata={"example": "2026-08-04"})
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
    status = fields.String(
        load_default=ACTIVE,
        validate=validate.OneOf(BEGINS),
        metadata={"description": "REFERRED where support has not begun; then nobody outside hears of it yet"},
    )
    referral_source = code_field("referral_source", load_default=None, allow_none=True)


class MoveEpisodeSchema(StrictSchema):
    """The next state of support."""

    after = fields.String(required=True, validate=validate.OneOf([code for code in STEPS if code != CLOSED]))
    reason = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(sorted({code for codes in REASONS.values() for code in codes})),
        metadata={"description": "Why: for DECLINED, ON_HOLD and REOPENED"},
    )
    tier = code_field("advocacy_tier", load_default=None, allow_none=True)


class SupportStepSchema(Schema):
    """One step of support."""

    id = fields.String()
    before = code_field("case_status", allow_none=True)
    after = code_field("case_status")
    reason = fields.String(allow_none=True)
    tier = code_field("advocacy_tier", allow_none=True)
    actor_id = fields.String()
    role = fields.String()
    recorded_at = fields.AwareDateTime()
    version = fields.Integer()


class SupportStepListSchema(Schema):
    """Every step of one episode, the oldest first; of what was before steps were kept, none."""

    items = fields.List(fields.Nested(SupportStepSchema))
    next = fields.String(allow_none=True)


class CloseEpisodeSchema(StrictSchema):
    """Support ends."""

    reason = code_field("closure_reason", required=True)


class ExcludeSchema(StrictSchema):
    """The safety flag."""

    excluded = fields.Boolean(required=True)


class EpisodeQuerySchema(PageQuerySchema):
    """Which episodes are wanted; filters that are given together all hold."""

    status = code_field("case_status", load_default=None)
    nation = code_field("nation", load_default=None)
    advocate_id = fields.UUID(load_default=None, metadata={"description": "Whose they are"})


class EpisodeSchema(Schema):
    """An episode as its own host sees it."""

    id = fields.String()
    survivor_id = fields.String()
    status = code_field("case_status")
    referral_date = fields.Date()
    age_band = code_field("age_band")
    gender = code_field("gender")
    nationality = fields.List(fields.String())
    exploitation_types = fields.List(code_field("exploitation_type"))
    nation = code_field("nation")
    advocacy_area = code_field("advocacy_area", allow_none=True)
    advocate_id = fields.String(allow_none=True)
    transfer_in = fields.Boolean()
    excluded = fields.Boolean(metadata={"description": "Not counted, whether a caseworker or an import says so"})
    excluded_by = fields.String(
        allow_none=True,
        validate=validate.OneOf((CASEWORKER, IMPORT)),
        metadata={"description": "Who keeps it out of counting"},
    )
    left_out = fields.List(fields.String(), metadata={"description": "Why an import leaves it out of counting"})
    recorded_in_error = fields.Boolean(metadata={"description": "Never counted"})
    closure_reason = code_field("closure_reason", allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    referral_source = code_field("referral_source", allow_none=True)
    tier = code_field("advocacy_tier", allow_none=True)
    state_since = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
    updated_at = fields.AwareDateTime()


class EpisodeListSchema(Schema):
    """Episodes and the cursor of the next page."""

    items = fields.List(fields.Nested(EpisodeSchema))
    next = fields.String(allow_none=True)
