"""Three designs of the same path, each with the same effect, checked for exact totals.

``ours`` is the kernel with everything on: contract check, idempotency row, audit intent, numbered streams,
inbox, progress. ``bare`` is the batched skeleton without any of it; ``obvious`` is one transaction a
command, one message at a time, one transaction a message.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import amqp
import kombu
import msgspec

from deploy.bench.rig import EFFECTS, BenchRig
from shared.bus.codec import Envelope
from shared.bus.connection import close, open_connection
from shared.bus.consumer import BatchConsumer
from shared.bus.names import events_exchange
from shared.bus.publisher import Outgoing, Publisher
from shared.contracts.case import EpisodeOpened
from shared.kernel.clock import BusinessClock
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import AuditIntent, Received
from shared.kernel.tenancy import database_name
from shared.outbox.commands import Answer, Command, IdempotencyKey
from shared.outbox.committer import Committer, transaction
from shared.outbox.hearings import Hearing
from shared.outbox.machinery import Address, BrokerUsers, Fates, Inbox, Relay
from shared.outbox.unit_of_work import UnitOfWork

GROUP = 100
_kombu: Any = kombu  # It is only partly typed.
_KEY = "alongside.case.episode_opened.v1"

Part = Callable[[threading.Event], None]
Submit = Callable[[int], None]


def ours(rig: BenchRig) -> tuple[list[Part], Submit]:
    """The kernel, on plain threads in one process."""
    clock = BusinessClock()
    committer = Committer(
        client=rig.client,
        database=database_name(rig.tenant, "case"),
        tenant_id=rig.tenant,
        service="case",
        now=clock.now,
    )
    address = Address(publisher=Publisher(rig.uri), exchange=lambda _t: events_exchange("case"), broker_user=rig.user)
    relay = Relay(
        client=rig.client,
        database=database_name(rig.tenant, "case"),
        tenant_id=rig.tenant,
        service="case",
        addresses={"local": address},
        consumers_of=rig.topology.consumers_of,
        poll_s=0.05,
    )
    users = _AdminUsers(tenant_id=rig.tenant, own=rig.user, operator=rig.user)
    fates = Fates(publisher=Publisher(rig.uri), service="consent", ladder=rig.topology.ladder, users=users)
    inbox = Inbox(
        client=rig.client,
        database=database_name(rig.tenant, "consent"),
        tenant_id=rig.tenant,
        service="consent",
        hearings=[Hearing(event=EpisodeOpened, handle=_project)],
        fates=fates,
        now=clock.now,
    )
    consumer = BatchConsumer(
        uri=rig.uri, queue=rig.subscription.queue, settle=lambda batch: inbox.settle(rig.subscription, batch)
    )

    def submit(events: int) -> None:
        futures = [committer.submit(opening(number)) for number in range(events)]
        for future in futures:
            future.result(timeout=300)

    return [relay.run, consumer.run], submit


def bare(rig: BenchRig) -> tuple[list[Part], Submit]:
    """The batched skeleton: groups of 100, no checks, no audit, no numbers."""
    case, consent = rig.database("case"), rig.database("consent")

    def submit(events: int) -> None:
        for numbers in _groups(events):
            rows = [_row() for _ in numbers]
            with transaction(rig.client) as session:
                case[EFFECTS].insert_many([{"_id": r["_id"], "version": 1} for r in rows], session=session)
                case["outbox"].insert_many(rows, session=session)

    def relay(stop: threading.Event) -> None:
        publisher = Publisher(rig.uri)
        while not stop.is_set():
            rows = list(case["outbox"].find({}).sort("_id", 1).limit(500))
            if not rows:
                stop.wait(0.005)
                continue
            publisher.publish([Outgoing(exchange=events_exchange("case"), envelope=_envelope(r)) for r in rows])
            case["outbox"].delete_many({"_id": {"$in": [r["_id"] for r in rows]}})
        publisher.close()

    def settle(batch: Any) -> None:
        ids = [delivery.properties["message_id"] for delivery in batch]
        with transaction(rig.client) as session:
            known = {d["_id"] for d in consent["inbox"].find({"_id": {"$in": ids}}, session=session)}
            fresh = [i for i in dict.fromkeys(ids) if i not in known]
            if fresh:
                consent["inbox"].insert_many([{"_id": i} for i in fresh], session=session)
                consent[EFFECTS].insert_many([{"_id": i} for i in fresh], session=session)

    consumer = BatchConsumer(uri=rig.uri, queue=rig.subscription.queue, settle=settle)
    return [relay, consumer.run], submit


def obvious(rig: BenchRig) -> tuple[list[Part], Submit]:
    """One transaction a command on 8 threads, one confirm a message, one transaction a message."""
    case, consent = rig.database("case"), rig.database("consent")

    def one(_number: int) -> None:
        row = _row()
        with transaction(rig.client) as session:
            case[EFFECTS].insert_one({"_id": row["_id"], "version": 1}, session=session)
            case["outbox"].insert_one(row, session=session)

    def submit(events: int) -> None:
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(one, range(events)))

    def relay(stop: threading.Event) -> None:
        with _kombu.Connection(rig.uri, transport_options={"confirm_publish": True}) as connection:
            producer = _kombu.Producer(
                connection.channel(), _kombu.Exchange(events_exchange("case"), type="topic", no_declare=True)
            )
            while not stop.is_set():
                row = case["outbox"].find_one({}, sort=[("_id", 1)])
                if row is None:
                    stop.wait(0.005)
                    continue
                producer.publish(bytes(row["body"]), routing_key=_KEY, message_id=row["_id"], delivery_mode=2)
                case["outbox"].delete_one({"_id": row["_id"]})

    def consume(stop: threading.Event) -> None:
        connection = open_connection(rig.uri)
        channel = connection.channel()
        channel.basic_qos(0, 10, False)
        channel.basic_consume(rig.subscription.queue, callback=lambda m: _handle_one(rig, consent, channel, m))
        while not stop.is_set():
            try:
                connection.drain_events(timeout=0.2)
            except TimeoutError:
                continue
        close(connection)

    return [relay, consume], submit


def _handle_one(rig: BenchRig, consent: Any, channel: Any, message: amqp.Message) -> None:
    event_id = message.properties["message_id"]
    with transaction(rig.client) as session:
        if consent["inbox"].find_one({"_id": event_id}, session=session) is None:
            consent["inbox"].insert_one({"_id": event_id}, session=session)
            consent[EFFECTS].insert_one({"_id": event_id}, session=session)
    channel.basic_ack(message.delivery_tag)


class _AdminUsers(BrokerUsers):
    """The benchmark speaks as the administrator; rights are not what it measures."""

    def allowed(self, subscription: Any) -> frozenset[str]:
        """Let the administrator speak for every source."""
        del subscription
        return frozenset({self.own})


def _project(received: Received[Any], work: UnitOfWork) -> None:
    work.insert(EFFECTS, {"_id": received.event.subject})


def opening(number: int) -> Command:
    """Give a command that opens an episode, with everything that a real one has."""
    episode = new_id()
    event = EpisodeOpened(episode_id=episode, survivor_id=new_id(), advocate_id=None, nation_of_support="ENGLAND")

    def run(work: UnitOfWork) -> Answer:
        work.insert(EFFECTS, {"_id": episode})
        work.record(event, sequence=1)
        work.audit(
            AuditIntent(
                action="case:episode:open",
                actor_id="bench",
                role="IMSA",
                object_id=episode,
                outcome="ALLOWED",
                at=work.now,
            )
        )
        return Answer(status=201, ids={"id": episode})

    key = IdempotencyKey(actor_id="bench", key=f"{number}-{episode}", fingerprint="0" * 64)
    return Command(run=run, aggregates=frozenset({episode}), idempotency=key)


def _row() -> dict[str, Any]:
    event = EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="ENGLAND")
    return {"_id": new_event_id(), "body": msgspec.json.encode(event)}


def _envelope(row: dict[str, Any]) -> Envelope:
    properties = {"content_type": "application/json", "delivery_mode": 2, "message_id": row["_id"]}
    return Envelope(routing_key=_KEY, headers={}, properties=properties, body=bytes(row["body"]))


def _groups(events: int) -> list[range]:
    return [range(start, min(start + GROUP, events)) for start in range(0, events, GROUP)]
