"""Sends again what was on its way through the broker when the backup was made; the new broker is empty.

A fact was on its way if its row had been published (or stood in the relay's open plan) and one of its
consumers has no inbox row for it. These rows become the relay's plan, so they are published with numbers
that are stored beforehand, like any others. All numbers given before the backup count as settled; of the new
ones, those that go to a consumer who knows the fact already count as settled too, since a repeat has no
effect and is not counted again. Marks that were waiting are dropped, newer ones follow within a minute. So
streams stay gapless, and a mark still means what it says.

Rows for other vhosts are simply sent once more: their inboxes know what they had.

Limits: inbox and sent rows live 30 days, so what waited longer than 29 days in a queue is not sent again.
A parked message that was discarded as unreadable comes once more. A plan is read into memory whole.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from shared.bus.topology import Topology
from shared.contracts.registry import LOCAL
from shared.kernel.clock import real_now
from shared.kernel.streams import Progress, from_document, to_document
from shared.kernel.tenancy import TenantId, database_name, services_of
from shared.outbox.unit_of_work import NEW, SENT

REMEMBERED = timedelta(days=29)
_ROWS_AT_ONCE = 500

Document = dict[str, Any]


@dataclass(kw_only=True)
class _Plan:
    """The plan of one service's relay: rows to send again, and the numbers they get for each consumer."""

    before: dict[str, int]
    last: dict[str, int] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    settled: dict[str, list[int]] = field(default_factory=dict)

    def add(self, row: Document, consumers_of: Callable[[str], Sequence[str]], known: Mapping[str, set[str]]) -> None:
        self.rows.append(row["_id"])
        for event in row["events"]:
            for consumer in consumers_of(event["type"]):
                number = self.last[consumer] = self.last.get(consumer, 0) + 1
                if event["id"] in known[consumer]:
                    self.settled.setdefault(consumer, []).append(number)


class InFlight:
    """One tenant's facts in flight at the moment of its backup; run once, before any process starts."""

    def __init__(
        self, client: MongoClient[Document], tenant: TenantId, topology: Topology, *, made_at: datetime
    ) -> None:
        """Bind.

        Args:
            client: The administrator's.
            tenant: Whose databases were restored.
            topology: Who hears what.
            made_at: The backup's cluster time.
        """
        self._client = client
        self._tenant = tenant
        self._topology = topology
        self._oldest = made_at - REMEMBERED

    def send_again(self) -> int:
        """Prepare everything and give the number of rows that will be published again."""
        return sum(self._service(service) + self._abroad(service) for service in services_of(self._tenant))

    def _service(self, service: str) -> int:
        database = self._database(service)
        stored = database["relay"].find_one({"_id": "relay-plan"}) or {"rows": [], "last": {}}
        plan = _Plan(before=dict(stored["last"]), last=dict(stored["last"]))
        done: list[str] = []
        query = {
            "route": LOCAL,
            "$or": [{"status": SENT, "sent_at": {"$gte": self._oldest}}, {"_id": {"$in": stored["rows"]}}],
        }
        for rows in _batches(database["outbox"].find(query).sort("_id", 1)):
            known = self._known(service, rows)
            for row in rows:
                if self._is_open(row, known):
                    plan.add(row, self._topology.consumers_of, known)
                elif row["status"] == NEW:
                    done.append(row["_id"])
        # A row of the open plan that everybody has would get other numbers if it were published once more.
        database["outbox"].update_many({"_id": {"$in": done}}, {"$set": {"status": SENT, "sent_at": real_now()}})
        database["relay"].update_one(
            {"_id": "relay-plan"},
            {
                "$set": {"rows": plan.rows, "before": plan.before, "last": plan.last, "hearers": None},
                "$setOnInsert": {"fence": 0},
            },
            upsert=True,
        )
        for consumer, last in plan.last.items():
            self._settle(consumer, service, plan.before.get(consumer, 0), plan.settled.get(consumer, ()), last)
        return len(plan.rows)

    def _settle(self, consumer: str, source: str, before: int, numbers: Sequence[int], last: int) -> None:
        streams = self._database(consumer)["streams"]
        stored = streams.find_one({"_id": source})
        old = from_document(stored)
        if old.contiguous == last and not old.pending:
            return
        new = Progress(
            contiguous=before, applied_through=old.applied_through, source_applied=old.source_applied
        ).with_committed(numbers)
        fresh = {"version": 1, "tenant_id": str(self._tenant)} if stored is None else {}
        streams.update_one({"_id": source}, {"$set": {**to_document(source, new), **fresh}}, upsert=True)

    def _abroad(self, service: str) -> int:
        again = {"route": {"$ne": LOCAL}, "status": SENT, "sent_at": {"$gte": self._oldest}}
        outbox = self._database(service)["outbox"]
        return outbox.update_many(again, {"$set": {"status": NEW}, "$unset": {"sent_at": ""}}).modified_count

    def _known(self, service: str, rows: Sequence[Document]) -> dict[str, set[str]]:
        """Give, for each consumer, the ids of these rows' events that it has settled or holds."""
        wanted: dict[str, list[str]] = {}
        for row in rows:
            for event in row["events"]:
                for consumer in self._topology.consumers_of(event["type"]):
                    wanted.setdefault(consumer, []).append(f"{event['id']}/{self._tenant}/{service}")
        return {
            consumer: {
                found["_id"].partition("/")[0]
                for found in self._database(consumer)["inbox"].find({"_id": {"$in": ids}}, {"_id": 1})
            }
            for consumer, ids in wanted.items()
        }

    def _is_open(self, row: Document, known: Mapping[str, set[str]]) -> bool:
        return any(
            event["id"] not in known[consumer]
            for event in row["events"]
            for consumer in self._topology.consumers_of(event["type"])
        )

    def _database(self, service: str) -> Database[Document]:
        return self._client[database_name(self._tenant, service)]


def _batches(rows: Any) -> Iterator[list[Document]]:
    with rows:
        while batch := list(islice(rows, _ROWS_AT_ONCE)):
            yield batch
