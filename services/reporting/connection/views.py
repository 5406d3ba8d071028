"""How this host's connection is, as reporting can know it from its own database and its own broker user.

Limit: it looks at reporting's own outbox, streams and parking queue only; the other services' are the operator's to
see (``alongside doctor``).
"""

from datetime import UTC, datetime

import amqp

from services.reporting.connection.rules import (
    ROUTES,
    Finding,
    backlog,
    consent_proven,
    last_mark,
    parked,
    task_received,
)
from services.reporting.contributions.turns import CONSENT, STREAMS
from services.reporting.periods.documents import TASKS
from shared.bus.connection import CONNECTION_ERRORS, close, open_connection
from shared.bus.names import parking_queue
from shared.kernel.ids import event_id_us
from shared.kernel.streams import from_document
from shared.outbox.unit_of_work import NEW
from shared.runtime.context import ServiceContext


class Connection:
    """Looks at one host's connection."""

    def __init__(self, context: ServiceContext) -> None:
        """Take reporting's context."""
        self._context = context
        self._database = context.client[context.database_name]

    def findings(self) -> list[Finding]:
        """Give everything that reporting can know."""
        progress = from_document(self._database[STREAMS].find_one({"_id": CONSENT}))
        newest = self._database[TASKS].find_one({}, {"period": 1}, sort=[("seal_at", -1)])
        now = self._context.clock.now()
        return [
            task_received(newest["period"] if newest is not None else None),
            consent_proven(progress, now),
            last_mark(progress, now),
            parked(self._parked()),
            *(backlog(route, *self._waiting(route), real_now=datetime.now(UTC)) for route in ROUTES),
        ]

    def _waiting(self, route: str) -> tuple[int, datetime | None]:
        rows = self._database["outbox"]
        waiting = {"status": NEW, "route": route}
        oldest = rows.find_one(waiting, {"_id": 1}, sort=[("_id", 1)])
        return (rows.count_documents(waiting), _made_at(oldest["_id"])) if oldest is not None else (0, None)

    def _parked(self) -> int | None:
        """Give how many of reporting's messages a person must decide about; None if the broker does not answer."""
        connection = None
        try:
            connection = open_connection(self._context.settings.amqp_uri)
            declared = connection.channel().queue_declare(parking_queue(self._context.service), passive=True)
        except (*CONNECTION_ERRORS, amqp.exceptions.AMQPError):
            return None
        else:
            return int(declared.message_count)
        finally:
            if connection is not None:
                close(connection)


def _made_at(row_id: str) -> datetime:
    # The id holds real time; the recorded time is the business clock's.
    return datetime.fromtimestamp(event_id_us(row_id) / 1_000_000, tz=UTC)
