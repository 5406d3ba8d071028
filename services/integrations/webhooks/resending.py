"""Sends deliveries again: some that are named, or everything after a position."""

from dataclasses import dataclass
from typing import Any, ClassVar

from services.integrations.webhooks.commands import WebhookCommand, WebhookDisabledError
from services.integrations.webhooks.documents import DELIVERIES, DELIVERY, change_endpoint, delivery_from, put
from services.integrations.webhooks.rules import DISABLED, GIVEN_UP, SENT, WAITING, Delivery, Endpoint
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

MOST = 500
"""Deliveries that one request puts in the queue again."""


@dataclass(frozen=True, kw_only=True)
class ResendDeliveries(WebhookCommand):
    """What was sent, given up or not sent goes out once more.

    Attributes:
        ids: These deliveries; empty for everything after ``after``.
        after: Position of the event.
        sent_too: Whether what arrived already goes out again as well.
    """

    action: ClassVar[str] = "integrations:webhook:resend"

    ids: tuple[str, ...] = ()
    after: int = 0
    sent_too: bool = False


def resend_deliveries(command: ResendDeliveries, work: UnitOfWork) -> Answer:
    """Queue deliveries again; what waits for its turn already stays as it is.

    Raises:
        WebhookDisabledError: It sends nothing.
        DocumentMissingError: A delivery is not this endpoint's, or no longer kept.
    """
    # Whoever disables or claims writes this document too.
    endpoint = change_endpoint(work, command.endpoint_id, lambda one: one)
    if endpoint.status == DISABLED:
        raise WebhookDisabledError
    found = _named(command, work) if command.ids else _after(command, work, endpoint)
    again = [delivery for delivery in map(delivery_from, found) if not _waits(delivery, endpoint)]
    for delivery in again:
        put(work, DELIVERY, delivery.again(command.at))
    more = not command.ids and len(found) == MOST
    ids: dict[str, Any] = {"id": endpoint.id, "queued": len(again), "next": found[-1]["position"] if more else None}
    return Answer(status=202, ids=ids)


def _named(command: ResendDeliveries, work: UnitOfWork) -> list[dict[str, Any]]:
    work.preload(DELIVERIES, command.ids)
    found = [work.get(DELIVERIES, one) for one in dict.fromkeys(command.ids)]
    if any(one["endpoint_id"] != command.endpoint_id for one in found):
        raise DocumentMissingError(DELIVERIES)
    return found


def _after(command: ResendDeliveries, work: UnitOfWork, endpoint: Endpoint) -> list[dict[str, Any]]:
    wanted: list[dict[str, Any]] = [
        {"state": {"$in": [GIVEN_UP, SENT] if command.sent_too else [GIVEN_UP]}},
        {"state": WAITING, "queued_at": {"$lt": endpoint.enabled_at}},
    ]
    where = {"endpoint_id": endpoint.id, "position": {"$gt": command.after}, "$or": wanted}
    return work.find_where(DELIVERIES, where, sort=[("position", 1)], limit=MOST)


def _waits(delivery: Delivery, endpoint: Endpoint) -> bool:
    return delivery.state == WAITING and delivery.queued_at >= endpoint.enabled_at
