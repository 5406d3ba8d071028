"""What waits in a service's database, in its tenant's queues, and until when its certificates last.

A few indexed reads and one connection to the broker; queues are asked passively, which needs no right.
``shared.runtime.looking`` makes figures of it for everybody who tells how things stand.

Limit: numbers above 10,000 rows are given as 10,000; the age of the oldest is exact.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from pymongo.database import Database

from shared.bus.connection import close, open_connection
from shared.bus.names import UNROUTED, parking_queue, retry_queue
from shared.bus.topology import Topology
from shared.contracts.registry import LOCAL, ROUTES
from shared.outbox.machinery import row_age_s
from shared.outbox.unit_of_work import NEW

MOST_ROWS = 10_000


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """What of a service has not left on one route.

    Attributes:
        depth: Rows.
        age_s: Seconds of real time since the oldest was recorded; 0 if there is none.
    """

    route: str
    depth: int
    age_s: float


@dataclass(frozen=True, kw_only=True)
class QueueDepths:
    """Messages of a tenant that do not simply flow.

    Attributes:
        unrouted: Those that nobody hears.
        retry: By consuming service, those that are tried again later.
        parked: By consuming service, those that wait for a person.
    """

    unrouted: int
    retry: Mapping[str, int]
    parked: Mapping[str, int]


def outgoing(database: Database[dict[str, Any]]) -> Iterator[Outgoing]:
    """Look at a service's outbox, route by route.

    Raises:
        PyMongoError: The database cannot be asked.
    """
    outbox = database["outbox"]
    for route in (LOCAL, *ROUTES):
        query = {"status": NEW, "route": route}
        oldest = outbox.find_one(query, {"_id": 1}, sort=[("_id", 1)])
        depth = outbox.count_documents(query, limit=MOST_ROWS) if oldest is not None else 0
        yield Outgoing(route=route, depth=depth, age_s=row_age_s(oldest["_id"]) if oldest is not None else 0.0)


def queue_depths(amqp_uri: str, topology: Topology, services: Iterable[str]) -> QueueDepths:
    """Ask the broker for what some services' queues hold.

    Raises:
        NotFound: A queue of the topology is missing (``amqp.exceptions``).
        OSError: See ``CONNECTION_ERRORS``; the broker does not answer.
    """
    connection = open_connection(amqp_uri)
    try:
        channel = connection.channel()

        def depth(queue: str) -> int:
            return int(channel.queue_declare(queue, passive=True).message_count)

        hearing = sorted({s.service for s in topology.subscriptions} & set(services))
        return QueueDepths(
            unrouted=depth(UNROUTED),
            retry={s: sum(depth(retry_queue(s, delay)) for delay in topology.ladder.rungs_ms) for s in hearing},
            parked={s: depth(parking_queue(s)) for s in hearing},
        )
    finally:
        close(connection)


def certificates(files: Mapping[str, str]) -> dict[str, float | None]:
    """Give the seconds for which each certificate still lasts, by its name in ``extra.certificate_files``.

    None stands for one that cannot be read.
    """
    found: dict[str, float | None] = {}
    for name, path in files.items():
        try:
            certificate = x509.load_pem_x509_certificate(Path(path).read_bytes())
        except (OSError, ValueError):
            found[name] = None
        else:
            found[name] = (certificate.not_valid_after_utc - datetime.now(UTC)).total_seconds()
    return found
