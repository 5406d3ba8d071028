"""Fields of bodies that take one code of a code list; the OpenAPI document lists the codes."""

from typing import Any

from marshmallow import fields, validate

from shared.codelists.lists import get


def code_field(list_name: str, **options: Any) -> fields.String:
    """Make a field for one code of a list; ``options`` are marshmallow's."""
    error = f"This is not in the code list {list_name}. Use one of its codes."
    return fields.String(validate=validate.OneOf(get(list_name).codes, error=error), **options)


def name_field(**options: Any) -> fields.String:
    """Make a field for a name that a host chooses for a thing, such as the code of a wording."""
    # A "$" alone would let a line break through at the end.
    pattern = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$(?!\n)"
    error = "Letters, digits, underscore, dot and hyphen only, at most 80, beginning with a letter or digit."
    return fields.String(validate=validate.Regexp(pattern, error=error), **options)
