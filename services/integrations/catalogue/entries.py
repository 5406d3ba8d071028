"""What the catalogue says of each public event; made from its contract, so that it cannot say anything else."""

from typing import Any

from services.integrations.feed.envelopes import LEFT_OUT, schema_path
from services.integrations.store.rules import ALL_STOPPED, ASK_THE_FEED, ERASED_PERSON, NO_LONGER_SO, USE_RESTRICTED
from shared.contracts.public import PUBLIC
from shared.contracts.schemas import public_schema


def entry(event_type: str) -> dict[str, Any]:
    """Give one event's entry."""
    cls = PUBLIC[event_type]
    meaning = " ".join((cls.__doc__ or "").partition("\n\n")[0].split())
    return {
        "type": event_type,
        "meaning": meaning,
        "source": cls.source,
        "subject": cls.subject_field,
        "fields": list(cls.public_fields),
        "not_in_it": dict(cls.kept_back),
        "since": cls.public_since,
        "version": event_type.rpartition(".v")[2],
        "schema": schema_path(event_type),
    }


def left_out_schema() -> dict[str, Any]:
    """Give the JSON Schema of what stands where an event may not be served today."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": LEFT_OUT,
        "type": "object",
        "properties": {
            "type": {"enum": sorted(PUBLIC)},
            "reason": {"enum": [ASK_THE_FEED, ERASED_PERSON, NO_LONGER_SO, ALL_STOPPED, USE_RESTRICTED]},
        },
        "required": ["reason", "type"],
    }


def schema_for(event_type: str) -> dict[str, Any] | None:
    """Give the JSON Schema of an event type's data, or None."""
    if event_type == LEFT_OUT:
        return left_out_schema()
    return public_schema(event_type) if event_type in PUBLIC else None
