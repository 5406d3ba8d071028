"""Searches on the wire; what is looked for stands in a body, so that no address and no log has it."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.case.finding.rules import KINDS, LONGEST
from services.case.finding.views import MOST_FOUND
from shared.web.schemas import StrictSchema


class StrippedField(fields.String):
    """A text without spaces around it; an empty one says nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return text.strip()


def _asked(description: str, example: str) -> StrippedField:
    return StrippedField(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LONGEST),
        metadata={"description": description, "example": example},
    )


class SurvivorSearchSchema(StrictSchema):
    """By what somebody is looked for: at least one of the three; whoever matches in one way is found."""

    name = _asked("The whole name; case, accents, spaces and the order of words do not count", "Ida Planted")
    telephone = _asked("One telephone number, however it is written", "07700 900123")
    reference = _asked("Your organisation's own reference", "REF-2041")


class FoundSurvivorSchema(Schema):
    """Somebody who may be meant."""

    survivor_id = fields.String()
    restricted = fields.Boolean(
        metadata={"description": "The use of their record is restricted: ask the data protection officer"}
    )
    matched = fields.List(
        fields.String(validate=validate.OneOf(KINDS)),
        allow_none=True,
        metadata={"description": "In which ways; never what is kept"},
    )


class FoundSurvivorsSchema(Schema):
    """Who may be meant."""

    items = fields.List(
        fields.Nested(FoundSurvivorSchema), metadata={"description": f"At most {MOST_FOUND}, the closest first"}
    )
    more = fields.Boolean(metadata={"description": "There are more: look by telephone or reference too"})
    complete = fields.Boolean(
        metadata={
            "description": "Whether everybody was looked through; false for a while after an import or an erasure. "
            "Then search again before you make anybody new"
        }
    )
