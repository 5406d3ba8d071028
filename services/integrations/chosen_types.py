"""Which public event types one of the host's systems gets, as it is kept; None is all (asked for: ``type_fields``)."""

from collections.abc import Collection

from shared.outbox.documents import Field, Holds


def chosen(asked: Collection[str] | None) -> tuple[str, ...] | None:
    """Give what was asked for, each type once."""
    return None if asked is None else tuple(sorted(set(asked)))


def _written(types: tuple[str, ...] | None) -> list[str] | None:
    return None if types is None else list(types)


def _read(types: list[str] | None) -> tuple[str, ...] | None:
    return None if types is None else tuple(types)


KEPT = Field(name="types", holds=Holds.CODE, write=_written, read=_read)
"""The field of a document that keeps it."""
