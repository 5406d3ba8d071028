"""The part of a worker that delivers webhooks, beside the jobs and with bounds of its own."""

import threading

from pymongo.errors import PyMongoError

from shared.kernel.errors import TemporarilyUnavailableError
from shared.runtime.context import OwnPart, ServiceContext
from shared.runtime.heartbeat import WatchedStop
from shared.telemetry.logs import get_logger

IDLE_S = 30.0
"""Where no endpoint is active, so often is looked; a command rings before that."""
POLL_S = 1.0
"""Where one is: how soon a new event is seen, as what the store hears rings nobody."""

log = get_logger(__name__)


def parts() -> list[OwnPart]:
    """Give the part."""
    return [OwnPart(name="webhooks", run=deliver)]


def deliver(context: ServiceContext, asked: threading.Event, stop: WatchedStop) -> bool:
    """Deliver until asked to stop; give whether everything in flight ended."""
    # What speaks HTTP is loaded where something is delivered.
    from services.integrations.webhooks.dispatching import Dispatcher  # noqa: PLC0415

    dispatcher = Dispatcher(context)
    with context.doorbell.listen() as bell:
        while not stop.is_set():
            try:
                active = dispatcher.step(asked)
            except (PyMongoError, TemporarilyUnavailableError) as error:
                log.warning("webhooks wait", service=context.service, error_class=type(error).__name__)
                active = 0
            bell.wait(POLL_S if active or not bell.is_whole else IDLE_S, asked)
    return dispatcher.finish()
