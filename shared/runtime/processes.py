"""What each kind of process does with its services' wirings; the only module that composes them.

A worker imports ``shared.runtime.workers`` (nameko); every other kind is plain Python.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pymongo.errors import OperationFailure, PyMongoError

from shared.bus.connection import CONNECTION_ERRORS
from shared.bus.guard import EXIT_CONFIGURATION, WrongPlaceError, check_marker, check_vhost
from shared.bus.publisher import Publisher
from shared.bus.topology import TO_ALL, TO_HOSTS, Topology, events_exchange, services_of, topology_of
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.stopping import Stop
from shared.kernel.tenancy import BOARD, RESERVED, TenantId, tenant_id
from shared.keys.key_file import TenantKeyFileError
from shared.keys.survivor_keys import KeyTableOutdatedError
from shared.keys.tenant_key import WrongTenantKeyError
from shared.outbox.courier import Courier, Remote
from shared.outbox.fates import user_name
from shared.outbox.marks import MarkSender
from shared.outbox.relay import Address, Relay
from shared.outbox.transactions import is_away
from shared.runtime.context import (
    KEEPERS_OF_SURVIVOR_KEYS,
    ConfigurationError,
    Job,
    Listen,
    ServiceContext,
    open_context,
)
from shared.runtime.database_engine import refuse_leaky_member
from shared.runtime.exporting import start_export
from shared.runtime.heartbeat import Heartbeat, WatchedStop
from shared.runtime.migrations import check_schema
from shared.runtime.rooms import service_of
from shared.runtime.watch import Watch
from shared.telemetry.logs import configure_logging, get_logger

EXIT_TEMPORARY = 75
JOIN_S = 30.0
"""Seconds that a process which was told to stop waits for its threads."""
JOB_PATIENCE_S = 3_600.0
"""A job's run may compute for long (an opening, a large import); after this it is taken for hanging."""
_PLACE_PATIENCE_S = 60.0
_LOOK_S = 5.0
_USERS_OF_SURVIVOR_KEYS = frozenset({"api", "job"})
_COURIERS_SERVICE = {"board": "board", "custodian": "custodian"}

log = get_logger(__name__)


class BrokerSilentError(TemporarilyUnavailableError):
    """The broker did not answer while a process started; that may pass, so the process may be started again."""

    code = "broker-silent"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The broker does not answer. Start it, or check its address in the credentials file.")


def run(kind: str, *, tenant: str, services: str, listen: Listen) -> int:
    """Run one process and give its exit code."""
    try:
        chosen, topology, contexts = _prepare_patiently(kind, tenant, services)
    except PyMongoError as error:
        if not is_away(error):
            raise
        sys.stderr.write("The database does not answer. Start it, or check its address in the credentials file.\n")
        return EXIT_TEMPORARY
    except TemporarilyUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_TEMPORARY
    except (ConfigurationError, WrongPlaceError, AlongsideError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION
    heartbeat = Heartbeat.of_this_process()
    runners: Mapping[str, Callable[[], int]] = {
        "api": lambda: _run_api(contexts, listen),
        "worker": lambda: _run_worker(contexts, topology, heartbeat),
        "relay": lambda: _run_relay(contexts, topology, heartbeat),
        "job": lambda: _run_jobs(contexts, heartbeat),
        "courier": lambda: _run_courier(contexts[chosen[0]], heartbeat),
    }
    stop_export = start_export(kind, tenant=topology.tenant_id, services=chosen)
    log.info("process starts", kind=kind, tenant=tenant)
    try:
        return runners[kind]()
    finally:
        stop_export()


def _prepare_patiently(
    kind: str, tenant: str, services: str
) -> tuple[Sequence[str], Topology, dict[str, ServiceContext]]:
    """Prepare, and wait for a database that is away or overloaded: nothing would start a dead process again."""
    deadline = time.monotonic() + _PLACE_PATIENCE_S
    while True:
        try:
            return _prepare(kind, tenant, services)
        except PyMongoError as error:
            if not is_away(error) or time.monotonic() > deadline:
                raise
            log.warning("the database is waited for", error_class=type(error).__name__)
            time.sleep(0.5)


def _prepare(kind: str, tenant: str, services: str) -> tuple[Sequence[str], Topology, dict[str, ServiceContext]]:
    identity = TenantId(tenant) if tenant in RESERVED else tenant_id(tenant)
    available = services_of(identity)
    chosen = available if services == "all" else tuple(services.split(","))
    if kind == "courier":
        chosen = (_COURIERS_SERVICE.get(tenant, "reporting"),)
    unknown = set(chosen) - set(available)
    if unknown:
        raise ConfigurationError(f"Tenant {tenant} has no service {', '.join(sorted(unknown))}.")
    configure_logging(
        service="+".join(chosen) if len(chosen) == 1 else "all", tenant=tenant, process_kind=kind, stream=sys.stderr
    )
    contexts = {service: open_context(identity, service, kind=kind) for service in chosen}
    first = next(iter(contexts.values()))
    topology = topology_of(identity, first.settings.ladder)
    if kind == "courier":
        _refuse_plain_remotes(first)
    for service, context in contexts.items():
        if kind != "courier":
            marker = _marker(context)
            check_marker(marker, topology, service)
            check_schema(marker, service)
            refuse_leaky_member(context.client)
        if kind == "worker":
            _check_place(context, topology)
        if service in KEEPERS_OF_SURVIVOR_KEYS and kind in _USERS_OF_SURVIVOR_KEYS:
            _check_survivor_keys(context)
    return chosen, topology, contexts


def _check_survivor_keys(context: ServiceContext) -> None:
    """Refuse keys that do not belong together; a caller of a running process may try again, a start cannot."""
    try:
        context.check_survivor_keys()
    except (KeyTableOutdatedError, TenantKeyFileError, WrongTenantKeyError) as error:
        raise ConfigurationError(str(error)) from error


def _refuse_plain_remotes(context: ServiceContext) -> None:
    """A host's courier leaves its own broker's machine by TLS only.

    Raises:
        ConfigurationError: A remote is on another machine and its address is not amqps.
    """
    extra = context.settings.extra
    if "courier_own_uri" not in extra:
        return
    own = urlsplit(extra["courier_own_uri"]).hostname
    for route, uri in extra["courier_remotes"].items():
        parts = urlsplit(uri)
        if parts.scheme != "amqps" and parts.hostname != own:
            raise ConfigurationError(
                f"The address of {route} in courier.json of tenant {context.tenant_id} is not amqps, and is not this "
                "tenant's own broker. Ask the centre for an invitation with an amqps address, and provision again."
            )


def _marker(context: ServiceContext) -> Mapping[str, Any] | None:
    try:
        return context.client[context.database_name]["marker"].find_one({"_id": "marker"})
    except OperationFailure as error:
        raise WrongPlaceError(
            f"The database refuses the user of {context.service} of tenant {context.tenant_id}.",
            "Check the database address and user in its credentials file.",
        ) from error


def _check_place(context: ServiceContext, topology: Topology) -> None:
    """Look at the vhost before consuming; a broker that is away is waited for, a wrong one is refused."""
    queues = [s.queue for s in topology.subscriptions if s.service == context.service]
    deadline = time.monotonic() + _PLACE_PATIENCE_S
    while True:
        try:
            check_vhost(context.settings.amqp_uri, topology, queues)
        except CONNECTION_ERRORS as error:
            if time.monotonic() > deadline:
                raise BrokerSilentError from error
            time.sleep(0.5)
        else:
            return


def _run_api(contexts: Mapping[str, ServiceContext], listen: Listen) -> int:
    from shared.runtime.serving import serve  # noqa: PLC0415

    return serve(contexts, listen)


def _run_worker(contexts: Mapping[str, ServiceContext], topology: Topology, heartbeat: Heartbeat) -> int:
    from shared.runtime.workers import run_workers  # noqa: PLC0415

    return run_workers(contexts, topology, heartbeat, stop_on_signals())


def _run_relay(contexts: Mapping[str, ServiceContext], topology: Topology, heartbeat: Heartbeat) -> int:
    asked = stop_on_signals()
    stop = heartbeat.watch(asked)
    threads = []
    for service, context in contexts.items():
        relay = build_relay(context, topology, service)
        thread = threading.Thread(target=relay.run, args=(stop,), name=f"relay-{service}", daemon=True)
        thread.start()
        threads.append(thread)
    watch = threading.Thread(target=Watch(contexts, topology).run, args=(asked,), name="watch", daemon=True)
    watch.start()
    return _join([*threads, watch], asked, stop)


def build_relay(context: ServiceContext, topology: Topology, service: str) -> Relay:
    """Wire the relay of one service with its marks."""
    settings = context.settings
    publisher = Publisher(settings.amqp_uri)
    user = user_name(context.tenant_id, service)
    marks = MarkSender(
        client=context.client,
        database=context.database_name,
        topology=topology,
        service=service,
        publisher=publisher,
        broker_user=user,
        clock=context.clock,
        settle_s=settings.mark_settle_s,
        every_s=settings.mark_every_s,
    )
    addresses = {
        "local": Address(publisher=publisher, exchange=lambda _type: events_exchange(service), broker_user=user)
    }
    if context.tenant_id == BOARD:
        for route, prefix in (("hosts", f"{TO_ALL}."), ("host", "")):
            addresses[route] = Address(
                publisher=publisher,
                exchange=lambda _type: TO_HOSTS,
                broker_user=user,
                routing_prefix=prefix,
                mandatory=True,
            )
    return Relay(
        client=context.client,
        database=context.database_name,
        tenant_id=context.tenant_id,
        service=service,
        addresses=addresses,
        consumers_of=topology.consumers_of,
        poll_s=settings.poll_s,
        before_read=marks.before_read,
        on_drained=marks.on_drained,
        due_in_s=marks.due_in_s,
        idle_s=max(settings.mark_every_s, settings.poll_s),
    )


def _run_courier(context: ServiceContext, heartbeat: Heartbeat) -> int:
    extra = context.settings.extra
    remotes = [Remote(route=route, amqp_uri=uri) for route, uri in extra["courier_remotes"].items()]
    courier = Courier(
        client=context.client,
        database=context.database_name,
        tenant_id=context.tenant_id,
        service=context.service,
        remotes=remotes,
        own_uri=extra.get("courier_own_uri"),
        poll_s=context.settings.poll_s,
    )
    finished = courier.run(heartbeat.watch(stop_on_signals()), patience_s=JOIN_S)
    return 0 if finished else EXIT_TEMPORARY


def _run_jobs(contexts: Mapping[str, ServiceContext], heartbeat: Heartbeat) -> int:
    asked = stop_on_signals()
    threads = []
    for service, context in contexts.items():
        for job in service_of(service).jobs(context):
            stop = heartbeat.watch(asked, patience_s=job.every_s + JOB_PATIENCE_S)
            arguments = (service, job, asked, stop)
            thread = threading.Thread(target=_repeat, args=arguments, name=f"{service}-{job.name}", daemon=True)
            thread.start()
            threads.append(thread)
    return _join(threads, asked, heartbeat.watch(asked))


def _repeat(service: str, job: Job, asked: Stop, stop: WatchedStop) -> None:
    while not stop.is_set():
        try:
            job.run()
        except (PyMongoError, TemporarilyUnavailableError) as error:
            log.warning("job waits", service=service, job=job.name, error_class=type(error).__name__)
        except Exception as error:  # noqa: BLE001  A job that fails is tried again; its neighbours go on.
            log.error("job failed", service=service, job=job.name, error_class=type(error).__name__)  # noqa: TRY400
        asked.wait(job.every_s)


def stop_on_signals() -> Stop:
    """Give a stop signal that SIGTERM and SIGINT set."""
    stop = Stop()

    def ask_to_stop(_number: int, _frame: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    return stop


def _join(threads: Sequence[threading.Thread], asked: Stop, stop: WatchedStop) -> int:
    while not stop.is_set() and (not threads or any(t.is_alive() for t in threads)):
        asked.wait(_LOOK_S)
    asked.set()
    deadline = time.monotonic() + JOIN_S
    for thread in threads:
        thread.join(timeout=max(0.0, deadline - time.monotonic()))
    return EXIT_TEMPORARY if any(t.is_alive() for t in threads) else 0
