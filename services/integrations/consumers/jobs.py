"""Tells how far behind consumers are, so that somebody hears of it before events are given up unread."""

from services.integrations.consumers.documents import CONSUMERS
from services.integrations.store.documents import EVENTS
from services.integrations.store.reading import EventStore
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.metric_names import EVENTS_UNREAD, EVENTS_UNREAD_AGE
from shared.telemetry.metrics import gauge

_EVERY_S = 60.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job that looks at the slowest consumer."""

    def look() -> None:
        unread, age_s = furthest_behind(context)
        gauge(EVENTS_UNREAD).set(float(unread))
        gauge(EVENTS_UNREAD_AGE).set(age_s)

    return [Job(name="consumer-lag", every_s=_EVERY_S, run=look)]


def furthest_behind(context: ServiceContext) -> tuple[int, float]:
    """Give how many events the slowest consumer has not acknowledged, and how many seconds ago the oldest came."""
    database = context.client[context.database_name]
    slowest = database[CONSUMERS].find_one(sort=[("position", 1)])
    if slowest is None:
        return 0, 0.0
    head = EventStore(context).head()
    oldest = database[EVENTS].find_one({"position": {"$gt": slowest["position"]}}, sort=[("position", 1)])
    if oldest is None:
        return 0, 0.0
    age_s = (context.clock.now() - oldest["kept_at"]).total_seconds()
    # Positions have no gaps, so they count.
    return head - oldest["position"] + 1, max(0.0, age_s)
