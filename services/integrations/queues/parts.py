"""The part of a worker that fills queues, beside the jobs."""

import threading

from pymongo.errors import PyMongoError

from services.integrations.queues.documents import QUEUES
from shared.kernel.errors import TemporarilyUnavailableError
from shared.runtime.context import OwnPart, ServiceContext
from shared.runtime.heartbeat import WatchedStop
from shared.telemetry.logs import get_logger

IDLE_S = 30.0
"""Where there is no queue, so often is looked; a command rings before that."""
POLL_S = 1.0
"""Where there is one: how soon a new event is seen, as what the store hears rings nobody."""
_UNTOLD_S = 5.0
"""Where nobody rings for commands."""

log = get_logger(__name__)


def parts() -> list[OwnPart]:
    """Give the part."""
    return [OwnPart(name="queues", run=fill)]


def fill(context: ServiceContext, asked: threading.Event, stop: WatchedStop) -> bool:
    """Fill queues until asked to stop; nothing is ever left in hand, since a cursor says what was confirmed."""
    queueing = None
    with context.doorbell.listen() as bell:
        while not stop.is_set():
            there = 0
            try:
                if queueing is None and _is_needed(context):
                    # What speaks AMQP is loaded where there is a queue.
                    from services.integrations.queues.publishing import Queueing  # noqa: PLC0415

                    queueing = Queueing(context)
                if queueing is not None:
                    there = queueing.step(asked)
            except (PyMongoError, TemporarilyUnavailableError) as error:
                log.warning("queues wait", service=context.service, error_class=type(error).__name__)
                there = 1
            bell.wait(POLL_S if there else IDLE_S if bell.is_whole else _UNTOLD_S, asked)
    return True


def _is_needed(context: ServiceContext) -> bool:
    return context.client[context.database_name][QUEUES].find_one({}, {"_id": 1}) is not None
