"""Invented events in the very shape of real ones: made of the contracts and of random ids, never of anybody's record.

Shown by tests/unit/client/test_conformance.py.
"""

from datetime import UTC, datetime
from typing import Any

from deploy.docs.events import example
from services.integrations.feed.envelopes import cloud_event
from services.integrations.store.rules import ERASED_PERSON, StoredEvent
from shared.contracts.case import EpisodeOpened
from shared.contracts.public import PUBLIC
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId

TENANT = TenantId("invented")
OPENED = EpisodeOpened.event_type
ALL_TYPES = tuple(sorted(PUBLIC))


def invent(
    event_type: str = OPENED,
    *,
    position: int = 1,
    subject: str | None = None,
    sequence: int = 1,
    left_out: bool = False,
) -> dict[str, Any]:
    """Give an invented event of a public type, as the feed and webhooks show it."""
    cls, whole = PUBLIC[event_type], example(PUBLIC[event_type])
    data = {name: whole[name] for name in cls.public_fields}
    data[cls.subject_field] = subject or new_id()
    now = datetime.now(UTC)
    stored = StoredEvent(
        id=new_id(),
        position=position,
        type=event_type,
        source=cls.source,
        subject=data[cls.subject_field],
        survivor_id=None,
        sequence=sequence,
        data=data,
        recorded_at=now,
        kept_at=now,
        left_out=ERASED_PERSON if left_out else None,
    )
    return cloud_event(stored, TENANT)


def older_news() -> list[dict[str, Any]]:
    """Give three events about one thing of which the newest comes first."""
    subject = new_id()
    return [invent(subject=subject, sequence=n) for n in (3, 1, 2)]


def repeated() -> list[dict[str, Any]]:
    """Give one event three times."""
    return [invent()] * 3


def of_unknown_type() -> dict[str, Any]:
    """Give an event of a type that no catalogue has yet."""
    return {**invent(), "type": "alongside.case.invented_for_a_check.v1"}


def of_unknown_version() -> dict[str, Any]:
    """Give an event whose meaning is another, as its version says."""
    return {**invent(), "type": f"{OPENED.rpartition('.v')[0]}.v999", "data": {"episode_ids": [new_id()]}}


def with_unknown_fields() -> dict[str, Any]:
    """Give an event to which fields were added, beside and within ``data``."""
    event = invent()
    return {**event, "inventedattribute": "x", "data": {**event["data"], "invented_field": {"a": [1, None]}}}
