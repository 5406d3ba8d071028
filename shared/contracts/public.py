"""Which facts the host's own integrators may see, and which of their fields: each contract declares it of itself.

Promise: an event that declares nothing is not public, and of a public one nothing leaves but the declared fields; no
statistics pseudonym, seal or signature can be declared (``tests/contracts/test_public.py``). What was given away once
cannot be called back, so a field may be added here and none is ever taken out.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.contracts.checks import hints_of, kinds_of
from shared.contracts.registry import EVENTS
from shared.kernel.messages import Event

NEVER = frozenset({"person_id", "contribution_id", "import_id", "statement_id"})
"""Ids that would link a person to what only statistics, or only an import, may know."""
ALLOWED_KINDS = frozenset({"id", "code", "instant"})
SURVIVOR = "survivor_id"
"""The one field that says about whom a public event is."""


class PublicMisdeclaredError(ValueError):
    """A contract would give away what must stay; found when the process starts."""

    def __init__(self, event_type: str, why: str) -> None:
        """Name the type and the rule."""
        super().__init__(f"{event_type} declares public fields that cannot be: {why}.")


def check_public(event: type[Event]) -> None:
    """Check what an event declares public.

    Raises:
        PublicMisdeclaredError: A field does not exist, may never leave, or has neither left nor a reason to stay.
    """
    hints, public = hints_of(event), set(event.public_fields)
    if not public <= set(hints):
        raise PublicMisdeclaredError(event.event_type, "there is no such field")
    if public & NEVER or NEVER & set(hints):
        raise PublicMisdeclaredError(event.event_type, "it speaks of what only statistics or imports may know")
    if not event.public_since:
        raise PublicMisdeclaredError(event.event_type, "it does not say since when it is public")
    if event.subject_field not in public:
        raise PublicMisdeclaredError(event.event_type, "its subject is not among them")
    if any(not kinds_of(hints[name]) <= ALLOWED_KINDS for name in public):
        raise PublicMisdeclaredError(event.event_type, "one is no id, code or instant")
    if set(hints) - public != set(event.kept_back):
        raise PublicMisdeclaredError(event.event_type, "each other field needs its reason in kept_back")


def _public() -> dict[str, type[Event]]:
    found = {event_type: cls for event_type, cls in EVENTS.items() if cls.public_fields}
    for cls in found.values():
        check_public(cls)
    return found


PUBLIC: Mapping[str, type[Event]] = _public()
"""Every public event, by type."""

SOURCES: tuple[str, ...] = tuple(dict.fromkeys(cls.source for cls in PUBLIC.values()))
"""The services that state public events."""


def public_of(source: str) -> tuple[type[Event], ...]:
    """Give the public events of one service."""
    return tuple(cls for cls in PUBLIC.values() if cls.source == source)


def thin(event: Event) -> dict[str, Any]:
    """Give what leaves of an event: its declared fields, as JSON has them."""
    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(event))
    return {name: body[name] for name in type(event).public_fields}
