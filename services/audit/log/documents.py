"""The entries as staff read them, one document each, and whose ids were taken out of them.

What cannot be changed is the tree beside them (``services.audit.tree``); here lies what an erasure must reach: the ids,
and the salts by which the tree's leaves can be opened.
"""

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

ENTRIES, ERASED = "entries", "erased"
ERASED_PERSON = "erased"
"""Stands where the id of an erased person stood."""
ENTRY = DocumentType(
    collection=ENTRIES,
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
        # How the actor stood to the person, and how many a search gave; where nobody said it, it is not known.
        Field(name="standing", holds=Holds.CODE, missing=None, sparse=True),
        Field(name="found", holds=Holds.COUNT, missing=None, sparse=True),
        # Without them it was kept before there was a tree; the salt of an erased person's id is gone with the id.
        Field(name="actor_salt", holds=Holds.HASH, missing=None, sparse=True, shown=False),
        Field(name="object_salt", holds=Holds.HASH, missing=None, sparse=True, shown=False),
    ),
    indexes=(
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("object_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("actor_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("actor_id", 1), ("at", 1)]),
    ),
)
ERASURE = DocumentType(
    collection=ERASED,
    fields=(
        Field(name="at", holds=Holds.INSTANT),
        Field(name="cleared", holds=Holds.CODE),
    ),
    indexes=(IndexModel([("cleared", 1)]),),
)
TYPES = (ENTRY, ERASURE)
