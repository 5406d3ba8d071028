"""What a release is, and what two people sign of it; pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

DRAFT, PUBLISHED, LAPSED = "DRAFT", "PUBLISHED", "LAPSED"
TOMBSTONE = "TOMBSTONE"
_CONTENT = ("period", "covers", "plan_id", "task_hash", "people", "hosts", "roster_size", "tables")


@dataclass(frozen=True, kw_only=True)
class Release:
    """Protected tables on their way to the public.

    Attributes:
        covers: The periods whose people it counts.
        people: The rounded total; None where it is not shown.
        tables: Each with its status, its level and, where it is shown, its cells by category.
        digest: Of the figures and what they were counted by.
        lapses_at: When a draft that nobody approved is over.
        revisions: What was taken out since it was published, and by whose order.
        delay: Until when the approver asked for time, and why.
    """

    id: str
    task_id: str
    task_hash: str
    period: str
    covers: list[str]
    plan_id: str
    roster_size: int
    people: int | None
    hosts: int
    tables: list[Mapping[str, Any]]
    digest: str
    seal_at: datetime
    received_at: datetime
    state: str
    drafted_by: str
    drafted_at: datetime
    lapses_at: datetime
    published_at: datetime | None = None
    revisions: list[Mapping[str, Any]]
    approved_by: str | None = None
    signature: str | None = None
    signing_key: str | None = None
    delay: Mapping[str, Any] | None = None
    version: int = 0


def digest_of(release: Mapping[str, Any]) -> str:
    """SHA-256 over the figures and what they were counted by; what both people sign."""
    content = {name: release[name] for name in _CONTENT}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def release_message(digest: str) -> bytes:
    """Give what the board's key signs when a release is published."""
    return f"alongside|v1|release|{digest}".encode()
