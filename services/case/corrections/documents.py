"""Corrections, one document each; what stood there before is as sealed as what stands there now."""

import json
from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds


def _said(before: Mapping[str, str | None]) -> str:
    return json.dumps(dict(before))


def _read(text: str | None) -> dict[str, Any]:
    return dict(json.loads(text or "{}"))


CORRECTIONS = "survivor_corrections"
CORRECTION = DocumentType(
    collection=CORRECTIONS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="changed", holds=Holds.CODE, write=list, read=tuple),
        Field(name="why", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="corrected_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
        Field(name="before", holds=Holds.IDENTITY, sealed=True, write=_said, read=_read),
    ),
    indexes=(IndexModel([("survivor_id", 1), ("updated_at", 1), ("_id", 1)]),),
    append_only=True,
)
TYPES = (CORRECTION,)
