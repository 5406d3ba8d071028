"""Entries, one document each; it holds what its kind says, and nothing of the other kinds."""

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

ENTRIES = "entries"
ENTRY = DocumentType(
    collection=ENTRIES,
    fields=(
        Field(name="episode_id", holds=Holds.ID, shown=False),
        Field(name="kind", holds=Holds.CODE, shown=False),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
        Field(name="area", holds=Holds.CODE, sparse=True),
        Field(name="mode", holds=Holds.CODE, sparse=True),
        Field(name="interpreter", holds=Holds.CODE, sparse=True),
        Field(name="minutes", holds=Holds.COUNT, sparse=True),
        Field(name="outcome", holds=Holds.CODE, sparse=True),
        Field(name="rating", holds=Holds.CODE, sparse=True),
        Field(name="rated_by", holds=Holds.CODE, sparse=True),
        Field(name="point", holds=Holds.CODE, sparse=True),
        # Of a contact or goal of the version before: that its own room has it.
        Field(name="brought_over", holds=Holds.CODE, sparse=True, shown=False),
    ),
    indexes=(
        IndexModel([("episode_id", 1), ("kind", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("kind", 1), ("brought_over", 1)]),
    ),
)
TYPES = (ENTRY,)
