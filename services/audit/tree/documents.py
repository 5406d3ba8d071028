"""What the tree is made of: leaves by batch, which stretch of the log a batch has, tiles, and the head.

Leaves and stretches can only be added to, also by the service's own user. A batch is what one transaction of a service
said was done, so its leaves come and go together.
"""

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

BATCHES, WAITING, STRETCHES, TILES, HEADS = "batches", "waiting", "stretches", "tiles", "heads"
HEAD = "head"

BATCH = DocumentType(
    collection=BATCHES,
    append_only=True,
    # In order, each the bytes that the tree hashes.
    fields=(Field(name="leaves", holds=Holds.HASH),),
)
WAITS = DocumentType(
    collection=WAITING,
    fields=(
        Field(name="count", holds=Holds.COUNT),
        # By when it should have its place.
        Field(name="due_at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("due_at", 1)]),),
    overdue="due_at",
)
STRETCH = DocumentType(
    collection=STRETCHES,
    append_only=True,
    fields=(
        Field(name="first", holds=Holds.COUNT),
        Field(name="batches", holds=Holds.ID),
    ),
    # A batch that stood in two stretches would be in the log twice; the database refuses it.
    indexes=(IndexModel([("first", 1)], unique=True), IndexModel([("batches.id", 1)], unique=True)),
)
TILE = DocumentType(collection=TILES, fields=(Field(name="hashes", holds=Holds.HASH),))
HEAD_TYPE = DocumentType(
    collection=HEADS,
    fields=(
        Field(name="size", holds=Holds.COUNT, missing=0),
        # How far entries were looked through that were kept without leaves, by an older version.
        Field(name="swept_to", holds=Holds.INSTANT, missing=None),
        # By when all of it should be signed; nothing where all of it is.
        Field(name="due_at", holds=Holds.INSTANT, missing=None),
    ),
    indexes=(IndexModel([("due_at", 1)]),),
    overdue="due_at",
)
TYPES = (BATCH, WAITS, STRETCH, TILE, HEAD_TYPE)
