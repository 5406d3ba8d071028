"""What people are found by: one document a mark, and the key under which marks are made, closed by the tenant key.

A mark is a digest of a folded name, number or reference under that key; who has the database alone can say neither
what it stands for nor try names against it. Two transactions that write one mark write one common document.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

MARKS, MARK_KEYS, SEARCHES = "survivor_marks", "survivor_mark_keys", "survivor_searches"
MOST_UNDER_ONE = 500
"""People whom one mark leads to; whoever comes after is found by their other marks, and each search says so."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Whom one name, number or reference leads to.

    Attributes:
        generation: Of the tenant key that closes the marks' key.
        full: Whether it leads to more people than it may keep.
    """

    id: str
    kind: str
    generation: int
    survivor_ids: tuple[str, ...]
    full: bool = False
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class MarkKey:
    """The key of the marks of one generation of the tenant key, closed by it."""

    id: str
    generation: int
    wrapped: bytes
    version: int = 0


MARK = DocumentType(
    collection=MARKS,
    fields=(
        Field(name="kind", holds=Holds.CODE),
        Field(name="generation", holds=Holds.COUNT),
        Field(name="survivor_ids", holds=Holds.ID, write=list, read=tuple),
        Field(name="full", holds=Holds.CODE, missing=False, sparse=True),
    ),
    indexes=(IndexModel([("survivor_ids", 1)]), IndexModel([("generation", 1)])),
)
MARK_KEY = DocumentType(
    collection=MARK_KEYS,
    fields=(
        Field(name="generation", holds=Holds.COUNT),
        Field(name="wrapped", holds=Holds.CIPHERTEXT, read=bytes),
    ),
    indexes=(IndexModel([("generation", 1)]),),
)
SEARCH = DocumentType(
    collection=SEARCHES,
    fields=(Field(name="minute", holds=Holds.INSTANT), Field(name="count", holds=Holds.COUNT)),
)
TYPES = (MARK, MARK_KEY, SEARCH)


def mark_from(document: Mapping[str, object]) -> Mark:
    """Read a mark's document."""
    return Mark(**MARK.values(document))
