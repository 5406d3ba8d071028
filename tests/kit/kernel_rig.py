"""A trivial service pair for kernel tests: case states episodes, consent writes one document for each."""

import secrets
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from pymongo import MongoClient

from deploy.provision.databases import KERNEL_COLLECTIONS
from shared.bus.consumer import BatchConsumer
from shared.bus.names import events_exchange
from shared.bus.provisioner import BrokerAdmin
from shared.bus.publisher import Publisher
from shared.bus.rights import operator_rights, service_rights
from shared.bus.topology import RetryLadder, Topology
from shared.contracts.case import EpisodeOpened
from shared.kernel.clock import BusinessClock
from shared.kernel.ids import new_id
from shared.kernel.messages import AuditIntent
from shared.kernel.streams import from_document
from shared.outbox.commands import Answer, Command, IdempotencyKey
from shared.outbox.committer import Committer
from shared.outbox.hearings import Hearing
from shared.outbox.machinery import Address, BrokerUsers, Fates, Inbox, MarkSender, Relay

SERVICES = ("case", "consent", "audit")
LADDER = RetryLadder(delays_ms=(100, 300))
EFFECTS = "effects"


class Rig:
    """One tenant's vhost and databases, with the pieces to run on threads or as processes."""

    def __init__(self, engines, tenant=None):
        self.engines = engines
        self.tenant = tenant or "k" + secrets.token_hex(5)
        self.topology = Topology(tenant_id=self.tenant, services=SERVICES, ladder=LADDER)
        self.client = MongoClient(engines.mongod.admin_uri(), tz_aware=True)
        self.clock = BusinessClock()
        self.broker = BrokerAdmin(engines.rabbit.management_url, *engines.rabbit.admin_credentials())
        self.subscription = self.topology.subscription("consent", "case")
        self.stop = threading.Event()
        self.threads = []

    def provision(self):
        self.broker.apply(self.topology)
        for service in SERVICES:
            self.broker.put_user(f"{self.tenant}.{service}", "pw")
            self.broker.grant(f"{self.tenant}.{service}", self.topology.vhost, service_rights(self.topology, service))
            for name in (*KERNEL_COLLECTIONS, EFFECTS):
                self.database(service).create_collection(name)
            self.database(service)["marker"].insert_one({"_id": "marker", "bundles": True})
        self.broker.put_user(f"{self.tenant}.operator", "pw")
        self.broker.grant(f"{self.tenant}.operator", self.topology.vhost, operator_rights())

    def close(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(timeout=20)
        self.broker.remove(self.topology)
        for service in (*SERVICES, "operator"):
            self.broker.remove_user(f"{self.tenant}.{service}")
            self.client.drop_database(f"as_{self.tenant}_{service}")
        self.broker.close()
        self.client.close()

    def database(self, service):
        return self.client[f"as_{self.tenant}_{service}"]

    def uri(self, service):
        user = f"{self.tenant}.{service}"
        return self.engines.rabbit.amqp_url(user=user, password="pw", vhost=self.topology.vhost)

    def committer(self):
        return Committer(
            client=self.client,
            database=f"as_{self.tenant}_case",
            tenant_id=self.tenant,
            service="case",
            now=self.clock.now,
        )

    def relay(self, *, marks=True):
        publisher = Publisher(self.uri("case"), confirm_timeout_s=2.0)
        user = f"{self.tenant}.case"
        sender = MarkSender(
            client=self.client,
            database=f"as_{self.tenant}_case",
            topology=self.topology,
            service="case",
            publisher=publisher,
            broker_user=user,
            clock=self.clock,
            settle_s=0.5,
            every_s=0.3,
        )
        address = Address(publisher=publisher, exchange=lambda _type: events_exchange("case"), broker_user=user)
        return Relay(
            client=self.client,
            database=f"as_{self.tenant}_case",
            tenant_id=self.tenant,
            service="case",
            addresses={"local": address},
            consumers_of=self.topology.consumers_of,
            poll_s=0.1,
            before_read=sender.before_read if marks else None,
            on_drained=sender.on_drained if marks else None,
            due_in_s=sender.due_in_s,
        )

    def consumer(self, handle=None, *, order="any_order"):
        users = BrokerUsers(tenant_id=self.tenant, own=f"{self.tenant}.consent", operator=f"{self.tenant}.operator")
        fates = Fates(publisher=Publisher(self.uri("consent")), service="consent", ladder=LADDER, users=users)
        inbox = Inbox(
            client=self.client,
            database=f"as_{self.tenant}_consent",
            tenant_id=self.tenant,
            service="consent",
            hearings=[Hearing(event=EpisodeOpened, handle=handle or note_effect, order=order)],
            fates=fates,
            now=self.clock.now,
        )
        return BatchConsumer(
            uri=self.uri("consent"),
            queue=self.subscription.queue,
            settle=lambda batch: inbox.settle(self.subscription, batch),
        )

    def start(self, *parts):
        for part in parts:
            thread = threading.Thread(target=part.run, args=(self.stop,))
            thread.start()
            self.threads.append(thread)

    def effects(self):
        return list(self.database("consent")[EFFECTS].find())

    def progress(self):
        return from_document(self.database("consent")["streams"].find_one({"_id": "case"}))

    def depth(self, queue):
        """Messages that stand in a queue now, asked of the broker itself."""
        import amqp

        from shared.bus.connection import close, open_connection

        user, password = self.engines.rabbit.admin_credentials()
        connection = open_connection(
            self.engines.rabbit.amqp_url(user=user, password=password, vhost=self.topology.vhost)
        )
        try:
            return connection.channel().queue_declare(queue, passive=True).message_count
        except amqp.exceptions.NotFound:
            return 0
        finally:
            close(connection)

    @contextmanager
    def process(self, kind):
        """Run a relay or a consumer as a process of its own; gives a function that kills and restarts it."""
        state = {}

        def start():
            home, base = self.engines.layout.home, self.engines.layout.port_base
            arguments = [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "tests.kit.kernel_program",
                kind,
                self.tenant,
                str(home),
                str(base),
            ]
            state["process"] = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def kill():
            state["process"].send_signal(signal.SIGKILL)
            state["process"].wait()
            start()

        start()
        try:
            yield kill
        finally:
            state["process"].terminate()
            state["process"].wait(timeout=20)


def note_effect(received, work):
    """The trivial effect: one document an episode; a second effect would be a duplicate key."""
    work.insert(EFFECTS, {"_id": received.event.episode_id, "sequence": received.sequence})


def open_episode(*, key=None, episode_id=None, sequence=1):
    """A command that states one episode, with its audit intent."""
    episode_id, survivor_id = episode_id or new_id(), new_id()

    def run(work):
        if sequence == 1:
            work.insert(EFFECTS, {"_id": episode_id})
        event = EpisodeOpened(
            episode_id=episode_id, survivor_id=survivor_id, advocate_id=None, nation_of_support="ENGLAND"
        )
        work.record(event, sequence=sequence)
        work.audit(
            AuditIntent(
                action="case:episode:open",
                actor_id="tester",
                role="IMSA",
                object_id=episode_id,
                outcome="ALLOWED",
                at=work.now,
            )
        )
        return Answer(status=201, ids={"id": episode_id})

    idempotency = IdempotencyKey(actor_id="tester", key=key, fingerprint="f" * 64) if key else None
    return Command(run=run, aggregates=frozenset({episode_id}), idempotency=idempotency)


def wait_exit(process, within_s=20.0):
    deadline = time.monotonic() + within_s
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return process.poll()
