"""One draft for each survivor, purpose and member of staff; what was typed is closed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import IndexModel

from services.consent.drafts.sealing import Closed
from shared.outbox.documents import DocumentType, Field, Holds

DRAFTS = "consent_drafts"
KEPT = timedelta(days=7)
"""Longer than from one meeting to a second try at it; then whoever asks begins anew."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """How somebody was going to be asked; never what they answered."""

    id: str
    survivor_id: str
    purpose: str
    actor_id: str
    generation: int
    key: bytes
    content: bytes
    kept_at: datetime
    ends_at: datetime
    version: int = 0

    @property
    def closed(self) -> Closed:
        """What was typed, closed."""
        return Closed(generation=self.generation, key=self.key, content=self.content)


DRAFT = DocumentType(
    collection=DRAFTS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="purpose", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="generation", holds=Holds.COUNT, shown=False),
        Field(name="key", holds=Holds.CIPHERTEXT, shown=False, read=bytes),
        Field(name="content", holds=Holds.CIPHERTEXT, shown=False, read=bytes),
        Field(name="kept_at", holds=Holds.INSTANT),
        Field(name="ends_at", holds=Holds.INSTANT),
    ),
    indexes=(
        IndexModel([("actor_id", 1), ("kept_at", -1)]),
        IndexModel([("survivor_id", 1)]),
        IndexModel([("ends_at", 1)]),
    ),
)
TYPES = (DRAFT,)


def draft_key(survivor_id: str, purpose: str, actor_id: str) -> str:
    """Give the one id of somebody's draft about a survivor and a purpose."""
    digest = hashlib.sha256(f"draft:{survivor_id}:{purpose}:{actor_id}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
