"""What the consuming side measures: once a batch, never once a message, so that it costs a hot path little."""

import time
from collections.abc import Mapping, Sequence

from shared.bus.deliveries import Delivery
from shared.bus.subscriptions import Subscription
from shared.kernel.ids import event_id_us
from shared.telemetry.log_fields import is_code
from shared.telemetry.metric_names import (
    CONSUME_BATCH,
    CONSUMED,
    DELIVERY_LATENCY,
    PROCESS_DURATION,
    REDELIVERIES,
)
from shared.telemetry.metric_names import PARKED as PARKED_BY_REASON
from shared.telemetry.metrics import counter, histogram

COMMITTED, DUPLICATE = "committed", "duplicate"
RETRIED, PARKED, DISCARDED = "retried", "parked", "discarded"

_FAULT = "fault"


def measure_batch(
    subscription: Subscription, deliveries: Sequence[Delivery], fates: Mapping[str, int], *, duration_s: float
) -> None:
    """Note a settled batch.

    Args:
        fates: Messages by what became of them: one of the words above.
        duration_s: Seconds from the batch in hand to every fate durable.
    """
    labels = {"consumer": subscription.service, "source": subscription.source}
    for outcome, count in fates.items():
        if count:
            counter(CONSUMED).add(count, outcome=outcome, **labels)
    redelivered = sum(delivery.redelivered for delivery in deliveries)
    if redelivered:
        counter(REDELIVERIES).add(redelivered, **labels)
    histogram(PROCESS_DURATION).record(duration_s, **labels)
    histogram(CONSUME_BATCH).record(len(deliveries), **labels)
    age_s = _oldest_age_s(deliveries)
    if age_s is not None:
        histogram(DELIVERY_LATENCY).record(age_s, **labels)


def count_parked(subscription: Subscription, reason: str) -> None:
    """Note one parked message; what is no code, such as an exception's class, is a fault of ours."""
    reason = reason if is_code(reason) else _FAULT
    counter(PARKED_BY_REASON).add(1, consumer=subscription.service, source=subscription.source, reason=reason)


def row_age_s(row_id: str) -> float:
    """Give the seconds of real time since a time-ordered id was made; never less than 0."""
    return max(0.0, time.time() - event_id_us(row_id) / 1e6)


def _oldest_age_s(deliveries: Sequence[Delivery]) -> float | None:
    """Give the age of the oldest fact; its id says when it was stated, by real time."""
    ids = [str(delivery.properties.get("message_id", "")) for delivery in deliveries]
    try:
        # Ids ascend with time, so only the least is read.
        return row_age_s(min(ids)) if ids else None
    except ValueError:
        # A message that is none of ours has been parked; it has no age.
        return None
