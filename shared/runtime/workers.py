"""The consumers of one service, in a nameko container of its own, on native threads.

When told to stop, every consumer finishes and acknowledges the batch it has in hand; a deadline leaves a batch
that does not finish, and it comes again (``tests/e2e/test_worker_processes.py``).
"""

import threading
from collections.abc import Sequence
from typing import Any

from shared.bus.consumer import BATCH_LIMIT
from shared.bus.deliveries import Delivery
from shared.bus.entrypoint import CONFIG, Inboxes, consume
from shared.bus.nameko_edge import Runner
from shared.bus.native_threads import spawn
from shared.bus.topology import Topology
from shared.runtime.context import ServiceContext
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.inboxes import build_inbox

_LOOK_S = 5.0
"""A container that died is noticed so late at most."""


def run_consumers(context: ServiceContext, topology: Topology, heartbeat: Heartbeat, asked: threading.Event) -> bool:
    """Run one service's consumers until asked to stop; False when something in hand was not finished in time.

    Raises:
        Exception: What its container died of.
    """
    service = context.service
    unfinished: list[str] = []
    settings = {
        "topology": topology,
        "amqp_uri": context.settings.amqp_uri,
        "inbox": build_inbox(context, topology),
        "batch_limit": int(context.settings.extra.get("batch_limit", BATCH_LIMIT)),
        "watch": heartbeat.watch,
        "unfinished": unfinished,
    }
    runner = Runner({CONFIG: {service: settings}})
    runner.add_service(worker_class(service, [s.source for s in topology.subscriptions if s.service == service]))
    runner.start()
    ending = spawn(runner.wait)
    while not asked.is_set() and not ending.ended():
        asked.wait(_LOOK_S)
    runner.stop()
    ending.wait()
    return not unfinished


def worker_class(service: str, sources: Sequence[str]) -> type:
    """Make the nameko class of one service: it only hands each batch to the inbox, one method a source.

    Args:
        service: Whose inbox it is.
        sources: The services whose facts it hears; nameko finds one decorated method for each.
    """
    hearing = {f"hear_{source}": _hear(source) for source in sources}
    return type(f"{service.capitalize()}Worker", (), {"name": service, "inboxes": Inboxes(), **hearing})


def _hear(source: str) -> Any:
    def hear(self: Any, deliveries: Sequence[Delivery]) -> None:
        self.inboxes.settle(source, deliveries)

    hear.__name__ = f"hear_{source}"
    return consume(source)(hear)
