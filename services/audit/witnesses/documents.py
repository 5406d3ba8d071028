"""How each witness stands, what was offered each day, and every cosignature; the last two can only be added to."""

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

WITNESSES, DAYS, COSIGNATURES = "witnesses", "witness_days", "cosignatures"
WITNESS = DocumentType(
    collection=WITNESSES,
    fields=(
        # What it confirmed last.
        Field(name="size", holds=Holds.COUNT),
        Field(name="seen_at", holds=Holds.INSTANT),
        # What it was offered last, what it said to that, and how often it was asked again.
        Field(name="offer_id", holds=Holds.ID),
        Field(name="day", holds=Holds.CODE),
        Field(name="outcome", holds=Holds.CODE),
        Field(name="again", holds=Holds.COUNT),
        # By when its next cosignature should be here.
        Field(name="due_at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("due_at", 1)]),),
    overdue="due_at",
)
DAY = DocumentType(
    collection=DAYS,
    append_only=True,
    fields=(
        Field(name="size", holds=Holds.COUNT),
        Field(name="root", holds=Holds.HASH),
        Field(name="at", holds=Holds.INSTANT),
        Field(name="note", holds=Holds.HASH),
    ),
    indexes=(IndexModel([("size", 1)], unique=True),),
)
COSIGNATURE = DocumentType(
    collection=COSIGNATURES,
    append_only=True,
    fields=(
        Field(name="witness", holds=Holds.CODE),
        Field(name="size", holds=Holds.COUNT),
        Field(name="seen_at", holds=Holds.INSTANT),
        # As it stands in a note, and the key that it fits.
        Field(name="line", holds=Holds.HASH),
        Field(name="key", holds=Holds.HASH),
    ),
    indexes=(IndexModel([("witness", 1), ("size", 1)]),),
)
TYPES = (WITNESS, DAY, COSIGNATURE)
