"""Looks at contacts, one document each; question and answer are sealed with the survivor's key."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.case.asking.rules import Look
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds

LOOKS = "contact_looks"
LOOK = DocumentType(
    collection=LOOKS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="episode_id", holds=Holds.ID),
        Field(name="contact_id", holds=Holds.ID),
        Field(name="state", holds=Holds.CODE),
        Field(name="question", holds=Holds.STORY, sealed=True),
        Field(name="answer", holds=Holds.STORY, sealed=True),
        Field(name="looked_by", holds=Holds.ID),
        Field(name="looked_at", holds=Holds.INSTANT),
        Field(name="answered_by", holds=Holds.ID),
        Field(name="answered_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("survivor_id", 1), ("updated_at", 1)]),
        IndexModel([("survivor_id", 1), ("updated_at", 1), ("_id", 1)]),
    ),
)
TYPES = (LOOK,)


def look_from(document: Mapping[str, Any], sealer: Sealer) -> Look:
    """Read a look's document."""
    return Look(**LOOK.values(document, opened=sealer.opening(document["survivor_id"])))
