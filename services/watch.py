"""Looks every few seconds at what waits in one tenant's databases and queues, and sets the gauges of it.

Runs on a thread of its own beside the relays, so that a relay that stands still is seen, not silent. Looking
costs a few indexed reads and one connection to the broker; queues are asked passively, which needs no right.

Limit: numbers above 10,000 rows are shown as 10,000; the age of the oldest is exact.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import amqp
from cryptography import x509
from pymongo.errors import PyMongoError

from services.context import ServiceContext
from shared.bus.connection import CONNECTION_ERRORS, close, open_connection
from shared.bus.topology import UNROUTED, Topology, parking_queue, retry_queue
from shared.contracts.registry import LOCAL, ROUTES
from shared.outbox.measuring import row_age_s
from shared.outbox.rows import NEW
from shared.outbox.streams import from_document
from shared.telemetry.log_fields import is_code
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import (
    CERTIFICATE_EXPIRES_IN,
    HELD_DEPTH,
    MARK_AGE,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    PARKED_DEPTH,
    RETRY_DEPTH,
    UNROUTED_DEPTH,
)
from shared.telemetry.metrics import gauge

EVERY_S = 15.0
_MOST_ROWS = 10_000

log = get_logger(__name__)


class Watch:
    """Looks after the services of one process."""

    def __init__(self, contexts: Mapping[str, ServiceContext], topology: Topology, *, every_s: float = EVERY_S) -> None:
        """Take the services' contexts; nothing is opened yet."""
        self._contexts = contexts
        self._topology = topology
        self._every_s = every_s

    def run(self, stop: threading.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.is_set():
            self.look()
            stop.wait(self._every_s)

    def look(self) -> None:
        """Set every gauge once; what cannot be asked now keeps its last value."""
        for service, context in self._contexts.items():
            try:
                _look_at_outbox(service, context)
                _look_at_streams(service, context)
            except PyMongoError as error:
                log.warning("watch could not ask the database", service=service, error_class=type(error).__name__)
            _look_at_certificates(context)
        try:
            self._look_at_queues()
        except CONNECTION_ERRORS as error:
            log.warning("watch could not ask the broker", error_class=type(error).__name__)

    def _look_at_queues(self) -> None:
        connection = open_connection(next(iter(self._contexts.values())).settings.amqp_uri)
        try:
            channel = connection.channel()

            def depth(queue: str) -> int:
                return int(channel.queue_declare(queue, passive=True).message_count)

            gauge(UNROUTED_DEPTH).set(depth(UNROUTED))
            for service in sorted({s.service for s in self._topology.subscriptions} & set(self._contexts)):
                waiting = sum(depth(retry_queue(service, delay)) for delay in self._topology.ladder.rungs_ms)
                gauge(RETRY_DEPTH).set(waiting, consumer=service)
                gauge(PARKED_DEPTH).set(depth(parking_queue(service)), consumer=service)
        except amqp.exceptions.NotFound:
            log.warning("a queue of the topology is missing")
        finally:
            close(connection)


def _look_at_outbox(service: str, context: ServiceContext) -> None:
    outbox = context.client[context.database_name]["outbox"]
    for route in (LOCAL, *ROUTES):
        query = {"status": NEW, "route": route}
        oldest = outbox.find_one(query, {"_id": 1}, sort=[("_id", 1)])
        depth = outbox.count_documents(query, limit=_MOST_ROWS) if oldest is not None else 0
        gauge(OUTBOX_DEPTH).set(depth, service=service, route=route)
        gauge(OUTBOX_AGE).set(row_age_s(oldest["_id"]) if oldest is not None else 0.0, service=service, route=route)


def _look_at_streams(service: str, context: ServiceContext) -> None:
    database = context.client[context.database_name]
    gauge(HELD_DEPTH).set(database["held"].estimated_document_count(), consumer=service)
    now = context.clock.now()
    for document in database["streams"].find():
        through = from_document(document).applied_through
        if through is not None:
            age_s = max(0.0, (now - through).total_seconds())
            gauge(MARK_AGE).set(age_s, consumer=service, source=document["_id"])


def _look_at_certificates(context: ServiceContext) -> None:
    """Read the certificates that the credentials file names, in ``extra.certificate_files``: name to path."""
    files: Mapping[str, str] = context.settings.extra.get("certificate_files", {})
    for name, path in files.items():
        try:
            certificate = x509.load_pem_x509_certificate(Path(path).read_bytes())
        except (OSError, ValueError):
            log.warning("a certificate file cannot be read", service=context.service)
            continue
        if is_code(name):
            left = certificate.not_valid_after_utc - datetime.now(UTC)
            gauge(CERTIFICATE_EXPIRES_IN).set(left.total_seconds(), target=name)
