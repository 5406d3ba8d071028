"""Records of a host's own systems on the wire."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.case.imports.rules.parsing import LONGEST_REFERENCE
from services.case.references.rules import OUTCOMES
from shared.web.codes import name_field
from shared.web.schemas import StrictSchema

LONGEST_CELL = 1_000
MOST_WORDS, LONGEST_WORD = 20, 100
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad"
# As a file's cells are stripped: one reference has one key, whichever way it comes.
_STRIPPED = "".join(chr(n) for n in range(0x10000) if chr(n).isspace()) + _INVISIBLE

_OLDEST = 150
_FORMS: dict[str, dict[str, Any]] = {
    "age": {"type": "integer", "minimum": 0, "maximum": _OLDEST},
    "yes or no": {"type": "boolean"},
    "words": {
        "type": "array",
        "items": {"type": "string", "maxLength": LONGEST_WORD},
        "maxItems": MOST_WORDS,
    },
}


class OwnReferenceField(fields.String):
    """A reference, without what a file's cells are stripped of."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return text.strip(_STRIPPED)


class CellField(fields.Field[str]):
    """What a cell of an export would say, as text; null and an empty text say nothing."""

    default_error_messages = {"invalid": "Write a text, as a cell of an export would have it."}  # noqa: RUF012

    def __init__(
        self, description: str, *, also: str = "", joined_by: str = "; ", example: str | None = None, **options: Any
    ) -> None:
        """Take what it says, and which other form of JSON is taken: ``age``, ``yes or no`` or ``words``."""
        forms = [{"type": "string", "maxLength": LONGEST_CELL}, {"type": "null"}, *([_FORMS[also]] if also else [])]
        told: dict[str, Any] = {"description": description, "anyOf": forms}
        if example is not None:
            told["example"] = example
        super().__init__(load_default="", metadata=told, **options)
        self._also, self._joined_by = also, joined_by

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> str:
        """Give the cell; null is an empty one."""
        return super().deserialize("" if value is None else value, attr, data, **kwargs) or ""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002
        text = self._text(value)
        if text is None or len(text) > LONGEST_CELL:
            raise self.make_error("invalid")
        return text.strip(_STRIPPED)

    def _text(self, value: Any) -> str | None:
        if isinstance(value, bool):
            return ("yes" if value else "no") if self._also == "yes or no" else None
        if isinstance(value, int) and self._also == "age":
            return str(value) if 0 <= value <= _OLDEST else None
        if isinstance(value, list) and self._also == "words":
            short = all(isinstance(word, str) and len(word) <= LONGEST_WORD for word in value)
            return self._joined_by.join(filter(None, value)) if short and len(value) <= MOST_WORDS else None
        return value if isinstance(value, str) else None


class RecordSchema(StrictSchema):
    """What a record says, in the words or the codes that a file may have; what it leaves out stays as it is known."""

    referral_date = CellField("The day on which support was asked for, best as 2026-08-04", example="2026-08-04")
    age_at_referral = CellField(
        "Age in years, an age band or a birth date. Send it each time: without it nobody is known to be an adult, so "
        "the record is held and the person is not counted",
        also="age",
    )
    gender = CellField("A word or code of the list gender", example="FEMALE")
    nationality = CellField(
        "A nationality, a country or its ISO 3166-1 alpha-3 code; or two", also="words", joined_by="/"
    )
    exploitation = CellField("Words or codes of the list exploitation_type", also="words")
    nation = CellField("Nation of support: a word or code of the list nation", example="WALES")
    advocacy_area = CellField("A word or code of the list advocacy_area")
    consent = CellField("What the person said of being counted: given, refused, withdrawn or not stated")
    consent_date = CellField("When they said it")
    consent_wording = CellField("Code of the registered words that they were asked with")
    consent_language = CellField("In which language: a word or code of the list language")
    consent_method = CellField("How: a word or code of the list consent_method")
    consent_private = CellField("Whether nobody else could hear it", also="yes or no")
    consent_withdrawn = CellField("The day on which they withdrew it, or a word that says so; it wins over consent")


_SOURCE = "The system whose reference it is, as its imports are named; may be left out where there is only one"


class ReferenceSchema(StrictSchema):
    """A reference of a host's own system; it stands in a body, so that no address and no log has it."""

    source = name_field(load_default=None, allow_none=True, metadata={"description": _SOURCE})
    reference = OwnReferenceField(
        required=True,
        validate=validate.Length(min=1, max=LONGEST_REFERENCE),
        metadata={"description": "As that system has it", "example": "REF-2041"},
    )


class PutRecordSchema(ReferenceSchema):
    """A record of a host's own system, by the reference that it has there."""

    record = fields.Nested(RecordSchema, required=True)
    known_rows = fields.String(
        load_default="ask",
        validate=validate.OneOf(["ask", "correct"]),
        metadata={
            "description": "What to do if the reference is known with another day of referral, or with another gender "
            "and nationality: ask (the record is held) or correct (it is taken)"
        },
    )
    exact_references = fields.Boolean(
        load_default=False,
        metadata={"description": "References that differ only in zeros, spaces, capitals or accents are other people"},
    )
    new_source = fields.Boolean(
        load_default=False,
        metadata={"description": "This is the first record of a system, beside others that are known here"},
    )


class RecordProblemSchema(Schema):
    """Why a record, or a part of it, was not taken, without what it says."""

    field = fields.String()
    code = fields.String()
    detail = fields.String()
    urgent = fields.Boolean(metadata={"description": "Somebody's no, or a possible child, is concerned"})


class RecordAnswerSchema(Schema):
    """What became of a record."""

    id = fields.String(allow_none=True, metadata={"description": "The survivor, if there is one"})
    episode_id = fields.String(allow_none=True)
    outcome = fields.String(
        validate=validate.OneOf(OUTCOMES),
        metadata={
            "description": "CREATED, CHANGED and UNCHANGED: taken. HELD and POSSIBLE_CHILD (202): what protects the "
            "person was heard, the rest was not taken, and problems says why"
        },
    )
    number = fields.Integer(metadata={"description": "By which a task names this record; keep it in your own log"})
    consent_ended = fields.Boolean(metadata={"description": "It ended a consent that stood"})
    problems = fields.List(fields.Nested(RecordProblemSchema))


class FoundSchema(Schema):
    """Whom a reference is about."""

    source = fields.String(allow_none=True)
    survivor_id = fields.String()
    episode_id = fields.String(allow_none=True)
    restricted = fields.Boolean(
        metadata={"description": "The use of their record is restricted: ask the data protection officer"}
    )


class FoundListSchema(Schema):
    """Whom a reference is about, in each system that has it."""

    items = fields.List(fields.Nested(FoundSchema))
    next = fields.String(allow_none=True)
