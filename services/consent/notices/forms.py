"""The forms of notices: what was typed, and each gap in a sentence that says how to mend it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

_TYPED_AT_MOST = 12_000
_SENTENCES: Mapping[str, str] = {
    "purpose": "Choose what the notice is about.",
    "recipient_class": "Choose who receives what is shared.",
    "language": "Choose the language of the words.",
    "text": "Write the words, at most 10,000 characters.",
    "easy": "Write at most 10,000 characters of easy words, or none.",
    "text_hash": "Read the words again, and review those.",
}


def typed(form: MultiDict[str, str], schema: Schema) -> dict[str, Any]:
    """Give what was typed into a schema's fields; a browser ends each line with two characters, of which one stays."""
    said = {name: form.get(name, "").replace("\r\n", "\n").strip()[:_TYPED_AT_MOST] for name in schema.fields}
    return {name: value or None if name == "easy" else value for name, value in said.items()}


def read(said: Mapping[str, Any], schema: Schema) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Give the body as the API takes it, or None, and the sentence for each field that is to be mended."""
    try:
        body: dict[str, Any] = schema.load(dict(said))
    except ValidationError as error:
        return None, {name: _SENTENCES.get(name, "Correct this.") for name in error.messages_dict}
    return body, {}
