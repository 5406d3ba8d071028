"""Runs one process: an api, or the parts of a worker, or those of a single kind of work."""

import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

from pymongo.errors import PyMongoError

from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.exits import EXIT_CONFIGURATION, EXIT_TEMPORARY
from shared.kernel.stopping import Stop
from shared.outbox.committer import is_away
from shared.runtime.apart import Children
from shared.runtime.context import ConfigurationError, Listen
from shared.runtime.exporting import start_export
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.making import WORKERS_KINDS, parts_of
from shared.runtime.parts import Part, Parts
from shared.runtime.place import Place, patiently
from shared.runtime.worker_notes import Noting
from shared.telemetry.logs import configure_logging, get_logger

log = get_logger(__name__)


def run(kind: str, *, tenant: str, services: str, listen: Listen, kinds: str = "all") -> int:
    """Run one process and give its exit code.

    Args:
        kind: ``api``, ``worker``, or one of a worker's kinds of work.
        tenant: Whose process it is.
        services: ``all``, or names with commas between.
        listen: Where an api listens.
        kinds: Which kinds of work a worker holds: ``all``, or names with commas between.
    """
    asked = Stop()
    try:
        chosen = _chosen(kind, kinds)
        place = Place(tenant, services, children=Children(tenant, asked), asked=asked)
        label = place.services[0] if len(place.services) == 1 else "all"
        configure_logging(service=label, tenant=tenant, process_kind=kind, stream=sys.stderr)
        parts = list(parts_of(chosen, place, asked))
        if kind == "api":
            patiently(lambda: _check_api(place))
        elif len(chosen) == 1:
            # One kind alone: what keeps a part from working keeps the process from starting.
            patiently(lambda: _check(parts))
    except PyMongoError as error:
        if not is_away(error):
            raise
        sys.stderr.write("The database does not answer. Start it, or check its address in the credentials file.\n")
        return EXIT_TEMPORARY
    except TemporarilyUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_TEMPORARY
    except AlongsideError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION
    heartbeat = Heartbeat.of_this_process()
    stop_export = start_export(kind, tenant=place.tenant_id, services=place.services)
    log.info("process starts", kind=kind, tenant=tenant)
    try:
        if kind == "api":
            from shared.runtime.serving import serve  # noqa: PLC0415  Flask is loaded where something is served.

            return serve({service: place.context(kind, service) for service in place.services}, listen)
        stop_on_signals(asked)
        running = Parts(parts, heartbeat, asked)
        noting = Noting(place, chosen, lambda: running.notes)
        threading.Thread(target=noting.run, args=(asked,), name="noting", daemon=True).start()
        return running.run()
    finally:
        stop_export()


def stop_on_signals(asked: threading.Event) -> None:
    """Let SIGTERM and SIGINT set an event, instead of ending a process that has something in hand."""

    def ask_to_stop(_number: int, _frame: Any) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)


def _chosen(kind: str, kinds: str) -> tuple[str, ...]:
    """Give the kinds of work of a process."""
    if kind == "api":
        return ()
    if kind != "worker":
        return (kind,)
    if kinds == "all":
        return WORKERS_KINDS
    chosen = tuple(kinds.split(","))
    if unknown := set(chosen) - set(WORKERS_KINDS):
        raise ConfigurationError(
            f"A worker has no kind {', '.join(sorted(unknown))}. There are: {', '.join(WORKERS_KINDS)}."
        )
    return chosen


def _check(parts: Sequence[Part]) -> None:
    for part in parts:
        part.prepare()


def _check_api(place: Place) -> None:
    for service in place.services:
        place.check("api", service)
