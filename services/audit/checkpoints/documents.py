"""Every checkpoint that was signed, and the public keys that fit them; both can only be added to and read."""

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

CHECKPOINTS, PUBLIC_KEYS = "checkpoints", "public_keys"
CHECKPOINT = DocumentType(
    collection=CHECKPOINTS,
    append_only=True,
    fields=(
        Field(name="size", holds=Holds.COUNT),
        Field(name="at", holds=Holds.INSTANT),
        Field(name="note", holds=Holds.HASH),
    ),
    # In the order in which they were signed, by which the newest is found.
    indexes=(IndexModel([("at", 1), ("size", 1)]),),
)
PUBLIC_KEY = DocumentType(
    collection=PUBLIC_KEYS,
    append_only=True,
    # Both lines, as whoever verifies the log is given them; a second document says that the key was replaced.
    fields=(Field(name="lines", holds=Holds.HASH),),
)
TYPES = (CHECKPOINT, PUBLIC_KEY)
