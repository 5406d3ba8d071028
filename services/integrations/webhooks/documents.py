"""Endpoints, one document for each delivery and each attempt, and one document that counts endpoints.

A delivery holds the position of its event and nothing of what the event says: that is read when it is sent.
"""

from collections.abc import Callable
from typing import Any

from pymongo import IndexModel

from services.integrations import chosen_types
from services.integrations.webhooks.rules import Delivery, Endpoint
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

WEBHOOKS, DELIVERIES, ATTEMPTS, ROLL = "webhooks", "webhook_deliveries", "webhook_attempts", "webhook_roll"


ENDPOINT = DocumentType(
    collection=WEBHOOKS,
    fields=(
        Field(name="host", holds=Holds.TEXT),
        chosen_types.KEPT,
        Field(name="kind", holds=Holds.CODE),
        Field(name="status", holds=Holds.CODE),
        Field(name="disabled_for", holds=Holds.CODE),
        Field(name="failing_since", holds=Holds.INSTANT),
        Field(name="warned", holds=Holds.CODE),
        Field(name="succeeded_at", holds=Holds.INSTANT),
        Field(name="former_until", holds=Holds.INSTANT),
        Field(name="position", holds=Holds.COUNT),
        Field(name="skipped", holds=Holds.COUNT),
        Field(name="enabled_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT),
        Field(name="url", holds=Holds.CIPHERTEXT, shown=False),
        Field(name="key", holds=Holds.CIPHERTEXT, shown=False),
        Field(name="former_key", holds=Holds.CIPHERTEXT, shown=False),
    ),
    indexes=(IndexModel([("updated_at", 1), ("_id", 1)]),),
)
DELIVERY = DocumentType(
    collection=DELIVERIES,
    fields=(
        Field(name="endpoint_id", holds=Holds.ID),
        Field(name="position", holds=Holds.COUNT),
        Field(name="type", holds=Holds.CODE),
        Field(name="webhook_id", holds=Holds.ID),
        Field(name="state", holds=Holds.CODE),
        Field(name="attempts", holds=Holds.COUNT),
        Field(name="last_status", holds=Holds.CODE),
        Field(name="reason", holds=Holds.CODE),
        Field(name="queued_at", holds=Holds.INSTANT),
        Field(name="next_at", holds=Holds.INSTANT),
        Field(name="held_until", holds=Holds.INSTANT, shown=False),
        Field(name="updated_at", holds=Holds.INSTANT),
        Field(name="expires_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("endpoint_id", 1), ("state", 1), ("next_at", 1)]),
        IndexModel([("endpoint_id", 1), ("position", 1)]),
        IndexModel([("endpoint_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("expires_at", 1)], expireAfterSeconds=0),
    ),
)
ATTEMPT = DocumentType(
    collection=ATTEMPTS,
    fields=(
        Field(name="endpoint_id", holds=Holds.ID, shown=False),
        Field(name="delivery_id", holds=Holds.ID, shown=False),
        Field(name="at", holds=Holds.INSTANT),
        Field(name="status", holds=Holds.CODE),
        Field(name="reason", holds=Holds.CODE),
        Field(name="took_ms", holds=Holds.COUNT),
        Field(name="expires_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("delivery_id", 1), ("at", -1)]),
        IndexModel([("expires_at", 1)], expireAfterSeconds=0),
    ),
)
COUNT = DocumentType(collection=ROLL, fields=(Field(name="ids", holds=Holds.ID),))
TYPES = (ENDPOINT, DELIVERY, ATTEMPT, COUNT)


def endpoint_from(document: dict[str, Any]) -> Endpoint:
    """Read an endpoint."""
    return Endpoint(**ENDPOINT.values(document))


def delivery_from(document: dict[str, Any]) -> Delivery:
    """Read a delivery."""
    return Delivery(**DELIVERY.values(document))


def put(work: UnitOfWork, kind: DocumentType, thing: Endpoint | Delivery) -> None:
    """Write a thing that this transaction read; what a newer version keeps beside it stays."""
    known = work.get(kind.collection, thing.id)
    work.replace(kind.collection, kind.changed(known, **{one.name: getattr(thing, one.name) for one in kind.fields}))


def change_endpoint(work: UnitOfWork, endpoint_id: str, change: Callable[[Endpoint], Endpoint]) -> Endpoint:
    """Change an endpoint; give it as it is now.

    Raises:
        DocumentMissingError: There is none.
    """
    changed = change(endpoint_from(work.get(WEBHOOKS, endpoint_id)))
    put(work, ENDPOINT, changed)
    return changed
