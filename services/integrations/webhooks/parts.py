"""The part of a worker that delivers webhooks, beside the jobs and with bounds of its own."""

import threading

from pymongo.errors import PyMongoError

from services.integrations.webhooks.documents import WEBHOOKS
from shared.kernel.errors import TemporarilyUnavailableError
from shared.runtime.context import OwnPart, ServiceContext
from shared.runtime.heartbeat import WatchedStop
from shared.telemetry.logs import get_logger

IDLE_S = 30.0
"""Where no endpoint is active, so often is looked; a command rings before that."""
POLL_S = 1.0
"""Where one is: how soon a new event is seen, as what the store hears rings nobody."""
_UNTOLD_S = 5.0
"""Where nobody rings for commands."""

log = get_logger(__name__)


def parts() -> list[OwnPart]:
    """Give the part."""
    return [OwnPart(name="webhooks", run=deliver)]


def deliver(context: ServiceContext, asked: threading.Event, stop: WatchedStop) -> bool:
    """Deliver until asked to stop; give whether everything in flight ended."""
    dispatcher = None
    with context.doorbell.listen() as bell:
        while not stop.is_set():
            active = 0
            try:
                if dispatcher is None and _is_needed(context):
                    # What speaks HTTP costs memory, and is loaded where something is delivered.
                    from services.integrations.webhooks.dispatching import Dispatcher  # noqa: PLC0415

                    dispatcher = Dispatcher(context)
                if dispatcher is not None:
                    active = dispatcher.step(asked)
            except (PyMongoError, TemporarilyUnavailableError) as error:
                log.warning("webhooks wait", service=context.service, error_class=type(error).__name__)
                active = 1
            bell.wait(POLL_S if active else IDLE_S if bell.is_whole else _UNTOLD_S, asked)
    return dispatcher is None or dispatcher.finish()


def _is_needed(context: ServiceContext) -> bool:
    return context.client[context.database_name][WEBHOOKS].find_one({}, {"_id": 1}) is not None
