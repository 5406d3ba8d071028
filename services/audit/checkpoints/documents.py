"""Every checkpoint that was signed; the service's own user may add to them and read them."""

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

CHECKPOINTS = "checkpoints"
CHECKPOINT = DocumentType(
    collection=CHECKPOINTS,
    append_only=True,
    fields=(
        Field(name="size", holds=Holds.COUNT),
        Field(name="at", holds=Holds.INSTANT),
        Field(name="note", holds=Holds.HASH),
    ),
    # In the order in which they were signed.
    indexes=(IndexModel([("at", 1)]), IndexModel([("size", 1), ("at", 1)])),
)
TYPES = (CHECKPOINT,)
