"""A notice that a host's version does not know reaches the host's own inbox, is parked there, and stops nothing."""

import threading

import amqp
import pytest

from shared.bus.connection import close, open_connection
from shared.bus.deliveries import Delivery
from shared.bus.rights import courier_rights
from shared.bus.topology import Topology
from shared.outbox.machinery import Courier, Remote
from tests.kit.kernel_rig import Rig

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


class Host:
    """A host's vhost with its courier, and a queue in it that plays the board's."""

    def __init__(self, engines):
        self.rig = Rig(engines)
        self.rig.topology = Topology(
            tenant_id=self.rig.tenant, services=("consent", "reporting", "audit"), ladder=self.rig.topology.ladder
        )
        self.rig.subscription = self.rig.topology.subscription("reporting", "centre")
        self.rig.broker.apply(self.rig.topology)
        self.user = f"courier.{self.rig.tenant}"
        self.rig.broker.put_user(self.user, "pw")
        self.rig.broker.grant(self.user, self.rig.topology.vhost, courier_rights(self.rig.tenant, self.rig.tenant))
        name, password = engines.rabbit.admin_credentials()
        self.board = engines.rabbit.amqp_url(user=name, password=password, vhost=self.rig.topology.vhost)
        self.own = engines.rabbit.amqp_url(user=self.user, password="pw", vhost=self.rig.topology.vhost)
        self.queue = f"to.{self.rig.tenant}"
        self.connection = open_connection(self.board)
        self.channel = self.connection.channel()
        arguments = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
        self.channel.queue_declare(self.queue, durable=True, auto_delete=False, arguments=arguments)

    def courier(self):
        return Courier(
            client=self.rig.client,
            database=f"as_{self.rig.tenant}_reporting",
            tenant_id=self.rig.tenant,
            service="reporting",
            remotes=[Remote(route="board", amqp_uri=self.board)],
            own_uri=self.own,
        )

    def notice(self, event_type):
        message = amqp.Message(b"{}", type=event_type, content_type="application/json", delivery_mode=2)
        self.channel.basic_publish(message, "", self.queue)

    def close(self):
        close(self.connection)
        self.rig.broker.remove_user(self.user)
        self.rig.close()


@pytest.fixture
def host(engines):
    made = Host(engines)
    yield made
    made.close()


def test_notices_of_any_type_are_brought_in(host, eventually):
    """One of a newer board first, one whose type no routing key can hold, then one that everybody knows."""
    for event_type in ("alongside.board.something_new.v1", "t" * 255, "alongside.board.task_opened.v1"):
        host.notice(event_type)
    stop = threading.Event()
    courier = host.courier()
    thread = threading.Thread(target=courier._incoming(courier.remotes[0]).run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: host.rig.depth(host.rig.subscription.queue) == 3, within_s=30)
    finally:
        stop.set()
        thread.join(20)
    assert host.rig.depth(host.queue) == 0


@pytest.mark.parametrize("event_type", [None, 7, "t" * 250, "ümlaut", "line\nbreak"])
def test_a_type_that_is_none_is_called_unknown(host, event_type):
    """The inbox judges by the envelope; the routing key only has to lead there."""
    delivery = Delivery(
        tag=1, body=b"", headers={}, properties={"type": event_type}, routing_key="all.x", redelivered=False
    )
    assert host.courier()._brought(delivery).envelope.routing_key == "board.unknown"


def test_a_courier_says_whether_all_was_finished(host):
    """A part that does not end in time makes the process end with 75, not 0."""
    courier = host.courier()
    stop, ended = threading.Event(), threading.Event()
    stop.set()
    courier._outgoing = lambda _remote: type("Stuck", (), {"run": lambda _self, _stop: ended.wait(60)})()
    assert courier.run(stop, patience_s=0.2) is False
    ended.set()
    assert courier.run(stop, patience_s=20.0) is True
