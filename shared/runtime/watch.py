"""Looks at what waits in one tenant's databases and queues as often as measurements are sent, and sets their gauges.

Runs on a thread of its own beside the relays, so that a relay that stands still is seen, not silent.
"""

import threading
import time
from collections.abc import Mapping

import amqp
from pymongo.errors import PyMongoError

from shared.bus.connection import CONNECTION_ERRORS
from shared.bus.topology import Topology
from shared.runtime import measures
from shared.runtime.context import ServiceContext
from shared.telemetry.log_fields import is_code
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import (
    CERTIFICATE_EXPIRES_IN,
    MARK_AGE,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    PARKED_DEPTH,
    RETRY_DEPTH,
    UNROUTED_DEPTH,
)
from shared.telemetry.metrics import gauge

EVERY_S = 60.0

log = get_logger(__name__)


class Watch:
    """Looks after the services of one process."""

    def __init__(self, contexts: Mapping[str, ServiceContext], topology: Topology, *, every_s: float = EVERY_S) -> None:
        """Take the services' contexts; nothing is opened yet."""
        self._contexts = contexts
        self._topology = topology
        self._every_s = every_s
        self._began = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.is_set():
            self.look()
            stop.wait(self._every_s)

    def look(self) -> None:
        """Set every gauge once; what cannot be asked now keeps its last value."""
        for service, context in self._contexts.items():
            try:
                _look_at_database(service, context, self._topology, time.monotonic() - self._began)
            except PyMongoError as error:
                log.warning("watch could not ask the database", service=service, error_class=type(error).__name__)
            _look_at_certificates(context)
        try:
            self._look_at_queues()
        except CONNECTION_ERRORS as error:
            log.warning("watch could not ask the broker", error_class=type(error).__name__)

    def _look_at_queues(self) -> None:
        uri = next(iter(self._contexts.values())).settings.amqp_uri
        try:
            depths = measures.queue_depths(uri, self._topology, self._contexts)
        except amqp.exceptions.NotFound:
            log.warning("a queue of the topology is missing")
            return
        gauge(UNROUTED_DEPTH).set(depths.unrouted)
        for service, waiting in depths.retry.items():
            gauge(RETRY_DEPTH).set(waiting, consumer=service)
        for service, parked in depths.parked.items():
            gauge(PARKED_DEPTH).set(parked, consumer=service)


def _look_at_database(service: str, context: ServiceContext, topology: Topology, up_s: float) -> None:
    for found in measures.outgoing(context):
        gauge(OUTBOX_DEPTH).set(found.depth, service=service, route=found.route)
        gauge(OUTBOX_AGE).set(found.age_s, service=service, route=found.route)
    for source, age_s in measures.mark_ages(context, topology, up_s=up_s).items():
        gauge(MARK_AGE).set(age_s, consumer=service, source=source)


def _look_at_certificates(context: ServiceContext) -> None:
    for name, left_s in measures.certificates(context).items():
        if left_s is None:
            log.warning("a certificate file cannot be read", service=context.service)
        elif is_code(name):
            gauge(CERTIFICATE_EXPIRES_IN).set(left_s, target=name)
