"""What no queue takes stays behind, is counted and tried again; whatever else its relay carries goes on."""

import pytest

from shared.bus.names import TO_HOSTS, host_queue
from shared.bus.rights import Rights
from shared.outbox import _plans as plans
from shared.outbox.machinery import Address
from shared.telemetry.metric_names import PUBLISH_REFUSED
from shared.telemetry.metrics import snapshot
from tests.kit.kernel_rig import open_episode

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture
def post(rig):
    """A relay with a route whose messages must reach a queue, over the one connection of the local route."""
    user, vhost = f"{rig.tenant}.case", rig.topology.vhost
    rig.broker.management.put(f"exchanges/{vhost}/{TO_HOSTS}", {"type": "topic", "durable": True})
    rig.broker.grant(user, vhost, Rights(write=".*"))
    relay = rig.relay(marks=False)
    local = relay.addresses["local"]
    hosts = Address(
        publisher=local.publisher, exchange=lambda _type: TO_HOSTS, broker_user=user, routing_prefix="all.",
        mandatory=True,
    )  # fmt: skip
    relay.addresses = {"local": local, "hosts": hosts}
    yield relay
    local.publisher.close()


def say(rig, *, hosts=False):
    """State something, for the services here or for the hosts; give its row's id."""
    rig.committer().execute(open_episode())
    outbox = rig.database("case")["outbox"]
    (row,) = outbox.find({"said": None})
    outbox.update_one({"_id": row["_id"]}, {"$set": {"said": True, **({"route": "hosts"} if hosts else {})}})
    return row["_id"]


def refused():
    """Batches of which something came back so far, in this whole process."""
    points = snapshot().get(PUBLISH_REFUSED.name, {"points": []})["points"]
    return sum(p["value"] for p in points if p["labels"] == {"service": "case", "reason": "unroutable"})


def status(rig, row_id):
    return rig.database("case")["outbox"].find_one({"_id": row_id})["status"]


def test_what_no_queue_takes_stops_no_neighbour(rig, post):
    """It lies between two others in one batch, on one connection: they are sent, and it stays new, and is counted."""
    before = refused()
    first, lost, last = say(rig), say(rig, hosts=True), say(rig)
    post.step()
    assert [status(rig, row) for row in (first, lost, last)] == ["SENT", "NEW", "SENT"]
    assert refused() - before == 1
    later = say(rig)
    post.step()
    assert status(rig, later) == "SENT"


def test_what_no_queue_took_is_left_alone_for_a_while(rig, post):
    """A relay that has nothing else to do does not send it in a circle."""
    before = refused()
    say(rig, hosts=True)
    assert post.step() == 1
    assert [post.step() for _ in range(3)] == [0, 0, 0]
    assert refused() - before == 1


def test_it_leaves_by_itself_once_there_is_a_queue(rig, post, monkeypatch):
    """The provisioner makes what was missing; nobody has to send it again."""
    row = say(rig, hosts=True)
    post.step()
    vhost = rig.topology.vhost
    queue = {"name": host_queue("elm"), "durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}
    bound = {"source": TO_HOSTS, "destination": host_queue("elm"), "destination_type": "queue", "routing_key": "all.#"}
    made = {"queues": [queue], "bindings": [{**bound, "arguments": {}}]}
    rig.broker.management.post(f"definitions/{vhost}", made)
    monkeypatch.setattr(plans, "UNROUTED_WAIT", -plans.UNROUTED_WAIT)
    post.step()
    assert status(rig, row) == "SENT"
    assert rig.depth(host_queue("elm")) == 2  # The fact, and the audited action that went with it.
