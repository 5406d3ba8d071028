"""Which public event types one of the host's systems gets: as it is asked for, and as it is kept; None is all."""

from collections.abc import Collection

from marshmallow import fields, validate

from shared.contracts.public import PUBLIC
from shared.outbox.documents import Field, Holds


def types_field(description: str) -> fields.List[str]:
    """Give the field of a request that says which."""
    return fields.List(
        fields.String(validate=validate.OneOf(sorted(PUBLIC))),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=len(PUBLIC)),
        metadata={"description": description},
    )


def chosen(asked: Collection[str] | None) -> tuple[str, ...] | None:
    """Give what was asked for, each type once."""
    return None if asked is None else tuple(sorted(set(asked)))


def _written(types: tuple[str, ...] | None) -> list[str] | None:
    return None if types is None else list(types)


def _read(types: list[str] | None) -> tuple[str, ...] | None:
    return None if types is None else tuple(types)


KEPT = Field(name="types", holds=Holds.CODE, write=_written, read=_read)
"""The field of a document that keeps it."""
