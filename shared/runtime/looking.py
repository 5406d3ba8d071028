"""Takes the figures of ``shared.runtime.facts``: of a service's database, the broker, certificates and the clock.

The processes look with their services' own users, doctor with the operator's; the questions are the same. What cannot
be asked is a figure too, never an error. Shown by tests/integration/operator/test_same_facts.py.
"""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import amqp
import pymongo
from pymongo.database import Database
from pymongo.errors import PyMongoError

from shared.bus.connection import CONNECTION_ERRORS
from shared.bus.topology import Topology
from shared.kernel.tenancy import TenantId
from shared.outbox.machinery import ServerClock
from shared.runtime import measures
from shared.runtime.context import ServiceContext
from shared.runtime.facts import FAILED_SHOWN_S, Fact, Seen
from shared.runtime.migrations import Phase, migrations_of, version_in
from shared.runtime.rooms import service_of
from shared.runtime.silence import heard, steady_for_s
from shared.runtime.worker_notes import read_notes, silence_s

_WITHIN_S = 2.0
"""Seconds for one service's database; its neighbours are looked at all the same."""


@dataclass(frozen=True, kw_only=True)
class Times:
    """By what a service's figures are taken.

    Attributes:
        now: Business time.
        steady_s: Seconds since a demo's business clock was last moved.
        up_s: Seconds for which hearing was possible.
    """

    now: datetime
    steady_s: float = math.inf
    up_s: float


def of_database(
    database: Database[dict[str, Any]], tenant: TenantId, service: str, topology: Topology, times: Times
) -> list[Seen]:
    """Give what one service's database tells, or only that it does not."""
    try:
        with pymongo.timeout(_WITHIN_S):
            marker = database["marker"].find_one({"_id": "marker"})
            if marker is None or (marker["tenant_id"], marker["service"]) != (tenant, service):
                return [Seen(fact=Fact.DATABASE_AWAY, value=1, service=service)]
            return [
                Seen(fact=Fact.DATABASE_AWAY, value=0, service=service),
                *_outgoing(database, service),
                *_marks(database, service, topology, times),
                *_workers(database, service, topology, times),
                *_failed(database, service, times),
                *_overdue(database, service, times),
                _pending(marker, service),
            ]
    except PyMongoError:
        return [Seen(fact=Fact.DATABASE_AWAY, value=1, service=service)]


def of_certificates(files: Mapping[str, str], service: str) -> Iterator[Seen]:
    """Give for how long certificates still last; one that cannot be read has ended."""
    for name, left_s in measures.certificates(files).items():
        yield Seen(
            fact=Fact.CERTIFICATE_ENDING,
            value=-math.inf if left_s is None else left_s,
            service=service,
            about=name,
        )


def _outgoing(database: Database[dict[str, Any]], service: str) -> Iterator[Seen]:
    for found in measures.outgoing(database):
        yield Seen(fact=Fact.OUTBOX_OLD, value=found.age_s, service=service, about=found.route, depth=found.depth)


def _marks(database: Database[dict[str, Any]], service: str, topology: Topology, times: Times) -> Iterator[Seen]:
    streams = database["streams"].find()
    ages = heard(streams, topology, service, now=times.now, up_s=times.up_s, steady_s=times.steady_s)
    for source, age_s in ages.items():
        yield Seen(fact=Fact.MARK_OLD, value=age_s, service=service, about=source)


def _workers(database: Database[dict[str, Any]], service: str, topology: Topology, times: Times) -> Iterator[Seen]:
    notes = read_notes(database)
    hears = any(subscription.service == service for subscription in topology.subscriptions)
    needed = ("relay", "job", *(["consumers"] if hears else []))
    silent_s = silence_s(notes, needed, up_s=times.up_s)
    yield Seen(fact=Fact.WORKER_SILENT, value=silent_s, service=service)
    working = [note for note in notes if not Seen(fact=Fact.WORKER_SILENT, value=note.age_s).is_wrong]
    down = sorted({name for note in working for name in note.down})
    yield Seen(fact=Fact.PART_DOWN, value=len(down), service=service, about=", ".join(down))


def _failed(database: Database[dict[str, Any]], service: str, times: Times) -> Iterator[Seen]:
    since = times.now - timedelta(seconds=FAILED_SHOWN_S)
    for kind in service_of(service).document_types:
        if kind.failing is not None:
            query = {**kind.failing.where, kind.failing.at: {"$gt": since}}
            number = database[kind.collection].count_documents(query, limit=measures.MOST_ROWS)
            yield Seen(fact=Fact.FAILED, value=number, service=service, about=kind.collection)


def _overdue(database: Database[dict[str, Any]], service: str, times: Times) -> Iterator[Seen]:
    for kind in service_of(service).document_types:
        if kind.overdue is not None:
            query = {kind.overdue: {"$ne": None, "$lte": times.now}}
            number = database[kind.collection].count_documents(query, limit=measures.MOST_ROWS)
            yield Seen(fact=Fact.OVERDUE, value=number, service=service, about=kind.collection)


def _pending(marker: Mapping[str, Any], service: str) -> Seen:
    # A contract step that waits harms nobody; it is the operator's to choose when.
    steps = [one for one in migrations_of(service)[version_in(marker) :] if one.phase == Phase.EXPAND]
    named = f"{steps[0].number:04d} {steps[0].name}" if steps else ""
    return Seen(fact=Fact.UPGRADE_PENDING, value=len(steps), service=service, about=named)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What one look found.

    Attributes:
        seen: Every figure.
        retry: By service, messages that will be tried again; nobody has to do anything about them.
    """

    seen: tuple[Seen, ...]
    retry: Mapping[str, int] = field(default_factory=dict)

    def of(self, fact: Fact, service: str | None = None) -> list[Seen]:
        """Give the figures of a fact, of one service or of none."""
        return [one for one in self.seen if one.fact == fact and one.service == service]


class Look:
    """Looks at the services of one process, with their own credentials."""

    def __init__(self, contexts: Mapping[str, ServiceContext], topology: Topology) -> None:
        """Take the services' contexts; nothing is asked yet."""
        self._contexts = contexts
        self._topology = topology
        self._began = time.monotonic()
        first = next(iter(contexts.values()))
        self._tenant = first.tenant_id
        self._uri = first.settings.amqp_uri
        self._clock = ServerClock(first.client, first.clock.now)

    def take(self) -> Looked:
        """Look at everything once."""
        seen = [*self._of_clock()]
        for service, context in self._contexts.items():
            database = context.client[context.database_name]
            steady_s = steady_for_s(context.clock.offset())
            times = Times(now=context.clock.now(), steady_s=steady_s, up_s=time.monotonic() - self._began)
            seen += of_database(database, self._tenant, service, self._topology, times)
            seen += of_certificates(context.settings.extra.get("certificate_files", {}), service)
        broker, retry = self._of_broker()
        return Looked(seen=(*broker, *seen), retry=retry)

    def _of_clock(self) -> Iterator[Seen]:
        yield Seen(fact=Fact.CLOCK_WRONG, value=self._clock.wrong_by_s())

    def _of_broker(self) -> tuple[list[Seen], Mapping[str, int]]:
        away, missing = Seen(fact=Fact.BROKER_AWAY, value=0), Seen(fact=Fact.QUEUE_MISSING, value=0)
        try:
            depths = measures.queue_depths(self._uri, self._topology, self._contexts)
        except amqp.exceptions.NotFound:
            return [away, Seen(fact=Fact.QUEUE_MISSING, value=1)], {}
        except CONNECTION_ERRORS:
            return [Seen(fact=Fact.BROKER_AWAY, value=1), missing], {}
        parked = [Seen(fact=Fact.PARKED, value=number, service=service) for service, number in depths.parked.items()]
        unrouted = Seen(fact=Fact.UNROUTED, value=depths.unrouted)
        return [away, missing, unrouted, *parked], depths.retry
