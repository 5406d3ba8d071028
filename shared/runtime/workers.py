"""The worker process: nameko containers of the chosen services on one eventlet hub.

Imported after ``eventlet.monkey_patch()``. On SIGTERM every consumer finishes and acknowledges the batch
it has in hand; a deadline ends a batch that does not finish, and it comes again.
"""

import importlib
import signal
import threading
from collections.abc import Mapping
from typing import Any, cast

import eventlet
from eventlet.event import Event
from nameko.runners import ServiceRunner

from shared.bus.consumer import BATCH_LIMIT
from shared.bus.entrypoint import CONFIG
from shared.bus.topology import Topology
from shared.runtime.context import ServiceContext
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.hub import quiet_hub
from shared.runtime.inboxes import build_inbox
from shared.telemetry.logs import get_logger

log = get_logger(__name__)

EXIT_TEMPORARY = 75


def run_workers(contexts: Mapping[str, ServiceContext], topology: Topology, heartbeat: Heartbeat) -> int:
    """Run until SIGTERM; 0 when everything in hand was finished, else 75: what was not comes again."""
    quiet_hub()
    settings: dict[str, dict[str, Any]] = {}
    unfinished: list[str] = []
    runner = ServiceRunner(config={"max_workers": 20, CONFIG: settings})
    for service, context in contexts.items():
        if not any(s.service == service for s in topology.subscriptions):
            continue
        settings[service] = {
            "topology": topology,
            "amqp_uri": context.settings.amqp_uri,
            "inbox": build_inbox(context, topology),
            "batch_limit": int(context.settings.extra.get("batch_limit", BATCH_LIMIT)),
            "watch": heartbeat.watch,
            "unfinished": unfinished,
        }
        runner.add_service(_worker_class(service, topology))
    if not settings:
        _wait_for_signal(heartbeat)
        return 0
    stopped = Event()

    def on_signal(_number: int, _frame: Any) -> None:
        eventlet.spawn_n(_stop, runner, stopped)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    runner.start()
    runner.wait()
    if unfinished:
        log.warning("stopped before everything in hand was finished", loops=sorted(unfinished))
    return EXIT_TEMPORARY if unfinished else 0


def _worker_class(service: str, topology: Topology) -> type:
    """Find the service's nameko class; audit hears whichever services run in the vhost."""
    module = importlib.import_module(f"services.{service}.service")
    if hasattr(module, "worker_class"):
        sources = [s.source for s in topology.subscriptions if s.service == service]
        return cast("type", module.worker_class(sources))
    return cast("type", getattr(module, f"{service.capitalize()}Worker"))


def _stop(runner: ServiceRunner, stopped: Any) -> None:
    if not stopped.ready():
        stopped.send(True)
        runner.stop()


def _wait_for_signal(heartbeat: Heartbeat) -> None:
    """Stand by: the chosen services hear nothing."""
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda _n, _f: eventlet.spawn_n(asked.set))
    signal.signal(signal.SIGINT, lambda _n, _f: eventlet.spawn_n(asked.set))
    stop = heartbeat.watch(asked, loop="standing-by")
    while not stop.is_set():
        eventlet.sleep(0.5)
