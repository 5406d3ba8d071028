"""The form with which words are registered: what was typed, and each gap in a sentence that says how to mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.consent.wordings.schemas import WordingSchema
from shared.web.pages.dates import day_of, first_instant, typed_day

_LONGEST, _LONGEST_TEXT, _MOST_LANGUAGES = 200, 25_000, 100
_SENTENCES: Mapping[str, str] = {
    "code": "Give the words a short code: letters, digits, dot, underscore and hyphen, at most 80.",
    "purpose": "Choose what the words ask about.",
    "recipient_class": "Choose who receives what is shared.",
    "languages": "Choose languages of the list only.",
    "valid_from": "Give the first day on which the words were or will be read out, such as 1 4 2026.",
    "valid_to": "Give a last day that exists, or leave it empty.",
    "text": "Write the words themselves, at most 20,000 characters.",
}
_FIELDS = {"valid_from": "valid_from-day", "valid_to": "valid_to-day"}


@dataclass(frozen=True, kw_only=True)
class TypedWords:
    """What was typed."""

    code: str = ""
    purpose: str = "AGGREGATE_STATISTICS"
    recipient_class: str = "PROJECT_BOARD"
    languages: tuple[str, ...] = ()
    valid_from: dict[str, str] = field(default_factory=dict)
    valid_to: dict[str, str] = field(default_factory=dict)
    text: str = ""

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "TypedWords":
        """Read the form; a browser ends each line with two characters, of which one is kept."""
        return cls(
            code=form.get("code", "").strip()[:_LONGEST],
            purpose=form.get("purpose", "")[:_LONGEST],
            recipient_class=form.get("recipient_class", "")[:_LONGEST],
            languages=tuple(dict.fromkeys(form.getlist("languages")[:_MOST_LANGUAGES])),
            valid_from=typed_day(form, "valid_from"),
            valid_to=typed_day(form, "valid_to"),
            text=form.get("text", "").replace("\r\n", "\n").strip()[:_LONGEST_TEXT],
        )

    def read(self) -> tuple[dict[str, Any] | None, dict[str, str]]:
        """Give the words as the API takes them, or None, and the sentence for each field that is to be mended."""
        wrong: dict[str, str] = {}
        days: dict[str, date | None] = {}
        for name in ("valid_from", "valid_to"):
            try:
                days[name] = day_of(getattr(self, name))
            except ValueError:
                wrong[name] = _SENTENCES[name]
        first, last = days.get("valid_from"), days.get("valid_to")
        if first is None:
            wrong["valid_from"] = _SENTENCES["valid_from"]
        elif last is not None and last < first:
            wrong["valid_to"] = "The last day lies before the first. Correct one of the two."
        body = {
            "code": self.code,
            "purpose": self.purpose,
            "recipient_class": self.recipient_class,
            "languages": list(self.languages),
            "text": self.text,
            "valid_from": first_instant(first or date(2000, 1, 1)).isoformat(),
            "valid_to": first_instant(last).isoformat() if last is not None else None,
        }
        try:
            loaded: dict[str, Any] = WordingSchema().load(body)
        except ValidationError as error:
            return None, {**{name: _SENTENCES.get(name, "Correct this.") for name in error.messages_dict}, **wrong}
        return (None, wrong) if wrong else (loaded, {})


def place_of(name: str) -> str:
    """Give the id of a field's first element, to which the summary of what is wrong leads."""
    return _FIELDS.get(name, name)
