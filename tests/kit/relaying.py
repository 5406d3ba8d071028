"""A relay over a store's database with a publisher that only writes down, so that a test can say when what happens."""

from datetime import timedelta

from shared.bus.bundles import apart
from shared.bus.deliveries import Delivery
from shared.bus.names import events_exchange
from shared.bus.topology import Topology
from shared.kernel.clock import real_now
from shared.outbox.machinery import Address, Relay
from tests.kit.kernel_rig import open_episode


class Written:
    """A publisher that keeps what it was given; ``before`` runs ahead of each publish."""

    def __init__(self):
        self.messages = []
        self.before = lambda _messages: None

    def publish(self, messages):
        self.before(messages)
        self.messages.extend(messages)

    def keep_alive(self):
        pass

    def close(self):
        pass

    def numbers(self, consumer="consent"):
        """Number in a consumer's stream to the ids of the events that bear it."""
        found, header = {}, f"x-stream-{consumer}"
        for message in self.messages:
            for event in apart(_delivered(message.envelope)):
                if header in event.headers:
                    found.setdefault(event.headers[header], set()).add(event.headers["ce-id"])
        return found


def _delivered(envelope):
    return Delivery(
        tag=1, body=envelope.body, headers=envelope.headers, properties=envelope.properties,
        routing_key=envelope.routing_key, redelivered=False,
    )  # fmt: skip


def topology_of(store):
    return Topology(tenant_id=store.tenant, services=("case", "consent", "audit"))


def relay(store, **options):
    """A relay of case with a publisher of its own, as ``relay.written``."""
    written = Written()
    address = Address(
        publisher=written, exchange=lambda _type: events_exchange("case"), broker_user=f"{store.tenant}.case"
    )
    made = Relay(
        client=store.client,
        database=store.name,
        tenant_id=store.tenant,
        service="case",
        addresses={"local": address},
        **{"consumers_of": topology_of(store).consumers_of, **options},
    )
    made.written = written
    return made


def state(store, count=1):
    """Commit commands that state an episode each."""
    committer = store.committer()
    for future in [committer.submit(open_episode()) for _ in range(count)]:
        future.result(timeout=30)


def sent(store):
    return store.database["outbox"].count_documents({"status": "SENT"})


def expire(store):
    """Let the lease run out, as it does while its holder's machine is suspended."""
    gone = real_now() - timedelta(seconds=1)
    store.database["relay"].update_one({"_id": "relay-lease"}, {"$set": {"until": gone}})
