"""A consumer with its cursor, and one document that counts them."""

from pymongo import IndexModel

from services.integrations import chosen_types
from shared.outbox.documents import DocumentType, Field, Holds

CONSUMERS, ROLL = "consumers", "consumer_roll"
CONSUMER = DocumentType(
    collection=CONSUMERS,
    fields=(
        Field(name="owner_id", holds=Holds.ID),
        chosen_types.KEPT,
        Field(name="position", holds=Holds.COUNT),
        Field(name="acknowledged_at", holds=Holds.INSTANT, missing=None),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("updated_at", 1), ("_id", 1)]),),
)
COUNT = DocumentType(collection=ROLL, fields=(Field(name="names", holds=Holds.CODE),))
TYPES = (CONSUMER, COUNT)
