"""What of an entry goes into the log that nobody can change, and how it hides whom it is about; pure.

Promise: a leaf names nobody. Actor and object stand in it as commitments, each under a salt of its own that lies beside
the log; once a salt is gone, no list of ids, however short, tells whose the commitment was.
Shown by tests/unit/audit/test_leaves.py.
"""

import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.transparency.canonical import canonical

SALT_BYTES = 32
ACTOR, OBJECT = "actor", "object"
_FORM = 1
_DOMAIN = b"alongside/audit/v1/"


def draw_salts(count: int) -> list[bytes]:
    """Draw so many salts, with one call to the system."""
    drawn = os.urandom(SALT_BYTES * count)
    return [drawn[at : at + SALT_BYTES] for at in range(0, len(drawn), SALT_BYTES)]


def commitment(what: str, salt: bytes, value: str) -> str:
    """Commit to an id or a code: SHA-256 of domain, salt and text, in hexadecimal.

    Args:
        what: ``ACTOR`` or ``OBJECT``, so that neither is ever taken for the other.
        salt: ``SALT_BYTES`` random ones, used once.
        value: What is committed to.
    """
    return hashlib.sha256(_DOMAIN + what.encode() + b"\0" + salt + value.encode()).hexdigest()


def leaf_of(entry: Mapping[str, Any], *, actor: str, object_: str) -> bytes:
    """Give an entry's leaf, by the entry's fields and the commitments to its actor and its object."""
    leaf: dict[str, Any] = {
        "v": _FORM,
        "id": entry["id"],
        "service": entry["service"],
        "action": entry["action"],
        "role": entry["role"],
        "outcome": entry["outcome"],
        "at": _instant(entry["at"]),
        "recorded_at": _instant(entry["recorded_at"]),
        ACTOR: actor,
        OBJECT: object_,
    }
    # What nobody said stands in no leaf, so that an entry of an older version has the leaf that it always had.
    leaf |= {name: entry[name] for name in ("count", "standing", "found") if entry.get(name) is not None}
    return canonical(leaf)


def salted_leaf(entry: Mapping[str, Any], actor_salt: bytes, object_salt: bytes) -> bytes:
    """Give the leaf of an entry whose actor and object are known."""
    return leaf_of(
        entry,
        actor=commitment(ACTOR, actor_salt, entry["actor_id"]),
        object_=commitment(OBJECT, object_salt, entry["object_id"]),
    )


def _instant(at: datetime) -> str:
    # The database keeps milliseconds, so the leaf says no more than what can be read back.
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
