"""The entries, one document each; the service's database user may insert and find here, nothing else."""

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

ENTRIES = "entries"
ENTRY = DocumentType(
    collection=ENTRIES,
    append_only=True,
    fields=(
        Field(name="service", holds=Holds.CODE),
        Field(name="action", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="object_id", holds=Holds.ID),
        Field(name="outcome", holds=Holds.CODE),
        Field(name="at", holds=Holds.INSTANT),
        Field(name="count", holds=Holds.COUNT, missing=None),
        Field(name="recorded_at", holds=Holds.INSTANT, shown=False),
        Field(name="order", holds=Holds.INSTANT, shown=False),
        # When it came here: what comes late, after the broker was away, comes after what a reader has.
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("object_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("actor_id", 1), ("updated_at", 1), ("_id", 1)]),
    ),
)
TYPES = (ENTRY,)
