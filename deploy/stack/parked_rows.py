"""How a message that stands in a parking queue is called and shown: ids that a person can type, and no content."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from shared.bus.names import ATTEMPT, CE_TYPE, DEATHS_HEADER, DELIVERIES_HEADER, ORIGIN_USER, PARKED_QUEUE, REASON

_LONGEST_ID = 64
_DIGEST_DIGITS = 12
_PLACES = frozenset({REASON, ATTEMPT, ORIGIN_USER, PARKED_QUEUE, DEATHS_HEADER, DELIVERIES_HEADER})
"""Headers that say what became of a message, not what it is."""


def headers_of(message: Any) -> Mapping[str, Any]:
    """Give the headers of a message; none are none."""
    return message.properties.get("application_headers") or {}


def type_of(message: Any) -> str:
    """Give the event type that a message says, cut to what fits on a line."""
    return str(headers_of(message).get(CE_TYPE, "unreadable"))[:80]


def digest_of(message: Any) -> str:
    """Give a digest of what a message is, wherever it stands and whatever became of it."""
    body = message.body if isinstance(message.body, bytes) else message.body.encode()
    headers = {key: str(value) for key, value in headers_of(message).items() if key not in _PLACES}
    said = json.dumps([str(message.properties.get("message_id")), headers], sort_keys=True).encode()
    return hashlib.sha256(said + b"\0" + body).hexdigest()[:_DIGEST_DIGITS]


def _own_id(message: Any) -> str | None:
    """Give the id that its sender gave a message, if a person can type it."""
    found = message.properties.get("message_id")
    fits = isinstance(found, str) and 0 < len(found) <= _LONGEST_ID and found.isascii() and found.isprintable()
    return found if fits and "#" not in found and " " not in found else None


def is_called(message: Any, message_id: str) -> bool:
    """Whether an id that a person typed is a message's: its own, or the one with its digest."""
    own, digest = _own_id(message), digest_of(message)
    return message_id in (f"{own or ''}#{digest}", own)


def rows_of(found: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Give a row a message; where two have one id of their own, a digest tells them apart."""
    found = list(found)
    seen = Counter(_own_id(message) for _, message in found)
    rows = []
    for service, message in found:
        own = _own_id(message)
        shown = own if own is not None and seen[own] == 1 else f"{own or ''}#{digest_of(message)}"
        rows.append(row_of(service, message, shown))
    return rows


def row_of(service: str, message: Any, shown_id: str) -> dict[str, Any]:
    """Give what is shown of a message; never its body."""
    headers = headers_of(message)
    return {
        "id": shown_id,
        "service": service,
        "type": type_of(message),
        "reason": str(headers.get(REASON, "delivery-limit"))[:80],
        "attempts": headers.get(ATTEMPT, 0),
    }
