"""The page of exchanges and queues of each kind of vhost, from the one topology."""

from deploy.docs.events import HOST, PLACES
from deploy.docs.markdown import code, codes, page, table
from shared.bus.queue_arguments import DELIVERY_LIMIT
from shared.bus.topology import RetryLadder, Topology, topology_of
from shared.kernel.tenancy import vhost_name

_INTRODUCTION = (
    "One vhost for each tenant. Only the provisioner makes what is listed here; a process that finds something else "
    "ends with "
    "code 78. Every queue is durable and a quorum queue. Each service may publish to its own exchange only, and "
    "read its own "
    "queues only. What no queue is bound for goes to `unrouted`; `alongside doctor` says so."
)


def queues_page() -> str:
    """Write the page."""
    waits = ", ".join(f"{delay / 1000:g} s" for delay in RetryLadder().delays_ms)
    ladder = (
        f"A message that cannot be handled is tried again after {waits} (a setting), then parked. A message that "
        "is delivered "
        f"{DELIVERY_LIMIT} times without an answer is parked too."
    )
    return page("Queues and exchanges", _INTRODUCTION, ladder, *(_vhost(topology_of(t), p) for t, p in PLACES.items()))


def _vhost(topology: Topology, place: str) -> str:
    name = vhost_name(topology.tenant_id).replace(str(HOST), "<host>") if topology.tenant_id == HOST else topology.vhost
    exchanges = table(
        ("exchange", "type", "else goes to"),
        (
            (code(name), kind, code(arguments.get("alternate-exchange", "")))
            for name, (kind, arguments) in sorted(topology.exchanges.items())
            if name != topology.marker
        ),
    )
    heard = table(
        ("queue", "from exchange", "what"),
        (
            (code(s.queue), code(s.exchange), codes(key.replace("alongside.", "") for key in s.routing_keys))
            for s in topology.subscriptions
        ),
    )
    read = {s.queue for s in topology.subscriptions}
    others = codes(sorted(queue for queue in topology.queues if queue not in read))
    return "\n\n".join([f"## {place.capitalize()}: `{name}`", exchanges, heard, f"Besides: {others}."])
