"""Carries a tenant's facts from its outboxes to the real inboxes of whoever hears them: no broker, no process.

Every message is encoded and decoded as on the wire and settled by ``shared.outbox._inbox``, many in one transaction;
so inbox rows, order modes, refusals and halved batches are the product's own. What an inbox would send to the retry
ladder or the parking queue fails the test that pumped it.
"""

from shared.bus import codec
from shared.bus.deliveries import Delivery
from shared.bus.names import REASON
from shared.bus.topology import RetryLadder, topology_of
from shared.contracts.registry import LOCAL
from shared.kernel.tenancy import TENANT_SERVICES
from shared.outbox.machinery import BrokerUsers, Fates, Inbox
from shared.runtime.rooms import service_of

BATCH = 50


class NoBroker:
    """Stands for the retry ladder and the parking queue: whatever is published there is kept, to be asserted on."""

    def __init__(self):
        self.published = []

    def publish(self, outgoing):
        self.published += outgoing


def inbox_of(*, client, database, tenant, service, hearings, now, broker):
    """Give a service's inbox as its worker builds it, but for the broker."""
    users = BrokerUsers(tenant_id=tenant, own=f"{tenant}.{service}", operator=f"{tenant}.operator")
    fates = Fates(publisher=broker, service=service, ladder=RetryLadder(), users=users)
    return Inbox(
        client=client, database=database, tenant_id=tenant, service=service, hearings=hearings, fates=fates, now=now,
    )  # fmt: skip


def delivery_of(event, *, tenant, source, recorded_at):
    """Give one stored event as a queue would deliver it."""
    envelope = codec.encode(
        event=event, tenant_id=tenant, recorded_at=recorded_at, broker_user=f"{tenant}.{source}", streams={}
    )
    return Delivery(
        tag=1, body=envelope.body, headers=envelope.headers, properties=envelope.properties,
        routing_key=envelope.routing_key, redelivered=False,
    )  # fmt: skip


class Pump:
    """The broker and the workers of one tenant, in the test's own thread.

    Attributes:
        database: Gives a service's database by its name, with the right to read its outbox.
    """

    def __init__(self, tenant, contexts, database):
        self._tenant, self._contexts, self._database = tenant, contexts, database
        self._topology = topology_of(tenant)
        self._carried = {}
        self._inboxes = {}
        self._broker = NoBroker()

    def pump(self, *, silent=(), deaf=("audit", "integrations")):
        """Carry every new fact to whoever hears it, until nothing moves; facts of silent services wait.

        Deaf services never hear of it: audit and integrations keep what every test of a shared host does, so only who asks
        for them has them listen.
        """
        moved = True
        while moved:
            moved = False
            for source in (s for s in TENANT_SERVICES if s not in silent):
                for consumer, deliveries in self._waiting(source, deaf).items():
                    moved = True
                    self._settle(consumer, source, deliveries)

    def skip(self):
        """Let nobody ever hear what was stated until now and not carried; who works here is heard of all the same."""
        for source in (s for s in TENANT_SERVICES if s != "identity"):
            last = self._database(source)["outbox"].find_one({}, {"_id": 1}, sort=[("_id", -1)])
            if last is not None:
                self._carried[source] = last["_id"]

    def _waiting(self, source, deaf):
        """Give what a service stated since the last time, as deliveries to each of its consumers."""
        query = {"_id": {"$gt": self._carried.get(source, "")}, "route": LOCAL}
        waiting = {}
        for row in self._database(source)["outbox"].find(query).sort("_id", 1):
            self._carried[source] = row["_id"]
            for event in row["events"]:
                consumers = [one for one in self._topology.consumers_of(event["type"]) if one not in deaf]
                if consumers:
                    delivery = delivery_of(event, tenant=self._tenant, source=source, recorded_at=row["recorded_at"])
                for consumer in consumers:
                    waiting.setdefault(consumer, []).append(delivery)
        return waiting

    def _settle(self, consumer, source, deliveries):
        inbox = self._inboxes.get(consumer) or self._open(consumer)
        subscription = self._topology.subscription(consumer, source)
        for first in range(0, len(deliveries), BATCH):
            inbox.settle(subscription, deliveries[first : first + BATCH])
        refused = [one.envelope.headers[REASON] for one in self._broker.published]
        self._broker.published.clear()
        assert refused == [], f"{consumer} did not take from {source}: {refused}"

    def _open(self, consumer):
        context = self._contexts[consumer]
        made = self._inboxes[consumer] = inbox_of(
            client=context.client, database=context.database_name, tenant=self._tenant, service=consumer,
            hearings=service_of(consumer).hearings(context), now=context.clock.now, broker=self._broker,
        )  # fmt: skip
        return made
