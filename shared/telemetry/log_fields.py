"""Which keys a log line may carry, and what their values may look like; all else is dropped and counted.

Limit: a single lower-case word passes as a code. Values come from closed lists in our code, never from
what a person typed.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

LogValue = str | int | float | bool

# Counts above it are no counts of ours; a telephone number written as a number is longer.
_MOST = 999_999_999

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64}")
# No capitals inside a lower-case code, no spaces, no digit first: neither a written name nor a date fits.
_CODE = re.compile(r"[a-z][a-z0-9]*([.:_/-][a-z0-9_<>*#]+)*|[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_ROUTE = re.compile(r"(/[a-z_]+|/<[a-z_:]+>|/\{[a-z_]+\}|/v[0-9]+)+/?")
# Only endings that exceptions have: a surname is a capitalised word too.
_ERROR = re.compile(r"[A-Z][A-Za-z]*(Error|Exception|Failure|Timeout|Reconnect|Exit|Interrupt|Warning|Closed)")
_LONGEST = 128


def is_id(value: object) -> bool:
    """Accept a UUID or 16, 32 or 64 lower-case hexadecimal digits."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_code(value: object) -> bool:
    """Accept a code of a closed list: ``kebab-case``, ``dotted.name.v1`` or ``UPPER_SNAKE``."""
    return isinstance(value, str) and len(value) <= _LONGEST and _CODE.fullmatch(value) is not None


def is_route(value: object) -> bool:
    """Accept a route's template, never a path with its ids filled in."""
    return isinstance(value, str) and len(value) <= _LONGEST and _ROUTE.fullmatch(value) is not None


def is_number(value: object) -> bool:
    """Accept a count, a duration or a flag."""
    return isinstance(value, int | float) and -_MOST <= value <= _MOST


def is_error(value: object) -> bool:
    """Accept the class name of an exception, or an error's kebab-case code."""
    return is_code(value) or (isinstance(value, str) and len(value) <= _LONGEST and _ERROR.fullmatch(value) is not None)


_IDS = (
    "actor_id", "aggregate_id", "batch_id", "case_id", "checkpoint_id", "command_id", "consent_id",
    "contribution_id", "delivery_id", "disclosure_id", "document_id", "episode_id", "event_id", "import_id",
    "message_id", "object_id", "organisation_id", "owner_id", "period_id", "person_id", "request_id",
    "span_id", "survivor_id", "task_id", "trace_id", "transfer_id", "user_id",
)  # fmt: skip
_CODES = (
    "action", "aggregate_type", "codelist", "consumer", "error_code", "event_type", "exchange", "fact",
    "field",
    "job", "kind", "method", "mode", "outcome", "process_kind", "purpose", "queue", "reason", "role", "routing_key",
    "service", "services", "source", "state", "status_code_name", "step", "target", "tenant", "topology_hash",
    "vhost",
)  # fmt: skip
_NUMBERS = (
    "accepted", "age_s", "attempt", "attempts", "bytes", "cells", "committed", "connections", "count",
    "delay_s", "deleted", "depth", "discarded", "dropped", "duplicates", "duration_ms", "duration_s",
    "exit_code", "failed", "fence", "generation", "held", "hosts", "last_stream_n", "limit", "parked",
    "pending", "pid", "port", "published", "quarantined", "redelivered", "refused", "rejected", "remaining",
    "replayed", "retried", "rows", "sequence", "size", "skipped", "status", "stream_n", "tables", "timeout_s",
    "total", "unrouted", "version",
)  # fmt: skip

ALLOWED_FIELDS: Mapping[str, Callable[[object], bool]] = MappingProxyType(
    dict.fromkeys(_IDS, is_id)
    | dict.fromkeys(_CODES, lambda value: is_code(value) or is_id(value))
    | dict.fromkeys(_NUMBERS, is_number)
    | {"route": is_route, "error": is_error, "error_class": is_error}
)
"""Key to the check of its value."""


def allowed_only(fields: Mapping[str, object]) -> tuple[dict[str, object], int]:
    """Give what may be logged and how many fields were dropped; None counts as absent."""
    kept = {}
    dropped = 0
    for key, value in fields.items():
        check = ALLOWED_FIELDS.get(key)
        if value is None and check is not None:
            continue
        if check is not None and check(value):
            kept[key] = value
        else:
            # Neither key nor value is shown: either may be what somebody typed.
            dropped += 1
    return kept, dropped
