"""The consumers of the chosen services, each service in a nameko container of its own, on native threads.

When told to stop, every consumer finishes and acknowledges the batch it has in hand; a deadline leaves a batch
that does not finish, and it comes again (``tests/e2e/test_worker_processes.py``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.bus.consumer import BATCH_LIMIT, Delivery
from shared.bus.entrypoint import CONFIG, Inboxes, consume
from shared.bus.nameko_edge import Runner
from shared.bus.native_threads import Thread, spawn
from shared.bus.topology import Topology
from shared.kernel.stopping import Stop
from shared.runtime.context import ServiceContext
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.inboxes import build_inbox
from shared.telemetry.logs import get_logger

log = get_logger(__name__)

EXIT_TEMPORARY = 75


def run_workers(contexts: Mapping[str, ServiceContext], topology: Topology, heartbeat: Heartbeat, asked: Stop) -> int:
    """Run until asked to stop; 0 when everything in hand was finished, else 75: what was not comes again."""
    settings: dict[str, dict[str, Any]] = {}
    unfinished: list[str] = []
    runner = Runner({"max_workers": 20, CONFIG: settings})
    for service, context in contexts.items():
        sources = [s.source for s in topology.subscriptions if s.service == service]
        if not sources:
            continue
        settings[service] = {
            "topology": topology,
            "amqp_uri": context.settings.amqp_uri,
            "inbox": build_inbox(context, topology),
            "batch_limit": int(context.settings.extra.get("batch_limit", BATCH_LIMIT)),
            "watch": heartbeat.watch,
            "unfinished": unfinished,
        }
        runner.add_service(worker_class(service, sources))
    if not settings:
        _stand_by(heartbeat, asked)
        return 0
    runner.start()
    # A container that dies of an error ends the others, and this process with them.
    ending = spawn(runner.wait)
    ending.link(_tell, asked)
    asked.wait()
    runner.stop()
    ending.wait()
    if unfinished:
        log.warning("stopped before everything in hand was finished", loops=sorted(unfinished))
    return EXIT_TEMPORARY if unfinished else 0


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


def _tell(_ended: Thread, asked: Stop) -> None:
    asked.set()


def _stand_by(heartbeat: Heartbeat, asked: Stop) -> None:
    """Wait to be stopped: the chosen services hear nothing."""
    stop = heartbeat.watch(asked, loop="standing-by")
    while not stop.is_set():
        asked.wait(0.5)
