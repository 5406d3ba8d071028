"""Turns marshmallow's messages into ``errors`` of a problem: pointer, code and sentence, never what was sent.

Marshmallow's own sentences name the rule and repeat no value. A pointer is made of names that stand in
our schemas and of positions only, since the name of an unknown field is something that somebody sent. Of
the query alone an unknown name is shown, if it looks like a parameter: programmers write those.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema

UNKNOWN_FIELD = "There is a field here that this address does not know."
MOST_ERRORS = 50

_BODY_PLACES = frozenset({"json", "form", "json_or_form", "files"})
_REQUIRED = "Missing data for required field."
_PARAMETER = re.compile(r"[a-z][a-z_]{0,29}")


def errors_of(messages: object) -> list[dict[str, str]]:
    """Give the errors of webargs' messages; at most ``MOST_ERRORS`` of them."""
    if not isinstance(messages, Mapping):
        return []
    known = frozenset(_names(Schema))
    found: list[dict[str, str]] = []
    for place, inner in messages.items():
        steps = () if place in _BODY_PLACES or place == "query" else (str(place),)
        for error in _walk(inner, steps, known, query=place == "query"):
            if len(found) < MOST_ERRORS and error not in found:
                found.append(error)
    return found


def _walk(messages: Any, steps: tuple[str, ...], known: frozenset[str], *, query: bool) -> Iterator[dict[str, str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _walk(inner, (*steps, str(key)), known, query=query)
        return
    listed = messages if isinstance(messages, list) else [messages]
    unknown = UNKNOWN_FIELD in listed
    if unknown and query and _PARAMETER.fullmatch(steps[-1]):
        yield {
            "pointer": f"#/{steps[-1]}",
            "code": "unknown-parameter",
            "detail": "There is no such parameter here. Correct its name, or leave it out.",
        }
        return
    code = "unknown-field" if unknown else "required" if _REQUIRED in listed else "invalid"
    yield {"pointer": _pointer(steps, known), "code": code, "detail": " ".join(str(message) for message in listed)}


def _pointer(steps: tuple[str, ...], known: frozenset[str]) -> str:
    """Give the deepest place whose whole way is made of our own names."""
    shown = []
    for step in steps:
        if step not in known and not (step.isascii() and step.isdigit()):
            break
        shown.append(step)
    return "/".join(("#", *shown))


def _names(schema: type[Schema]) -> Iterator[str]:
    for name, field in schema._declared_fields.items():  # noqa: SLF001  Marshmallow shows them on instances only.
        yield field.data_key or name
    for child in schema.__subclasses__():
        yield from _names(child)
