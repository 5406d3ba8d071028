"""What each kind of work is made of: the parts of consumers, relay, courier and job, service by service.

A worker holds the parts of all kinds; each kind can also have a process of its own.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from pymongo.errors import PyMongoError

from shared.bus.names import TO_ALL, TO_HOSTS, events_exchange, user_name
from shared.bus.publisher import Publisher
from shared.bus.topology import Topology, topology_of
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.tenancy import BOARD, couriers_service
from shared.outbox.machinery import Address, Courier, MarkSender, Relay, Remote
from shared.runtime.context import Job, OwnPart, ServiceContext
from shared.runtime.heartbeat import Heartbeat, WatchedStop
from shared.runtime.parts import JOIN_S, WATCH, Part
from shared.runtime.place import Place
from shared.runtime.rooms import service_of
from shared.runtime.watch import Watch
from shared.telemetry.logs import get_logger, name_parts

JOB_PATIENCE_S = 3_600.0
"""A job's run may compute for long (an opening, a large import); after this it is taken for hanging."""

MOST_OFTEN_S = 0.5
IDLE_S = 30.0
"""A job that commits ring for looks so often at most, and so often at least."""

log = get_logger(__name__)


def parts_of(kinds: Sequence[str], place: Place, asked: threading.Event) -> Iterator[Part]:
    """Give the parts of some kinds of work for a place's services; ``asked`` tells them to stop."""
    place.kinds = frozenset(kinds)
    for kind in kinds:
        yield from _MAKERS[kind](place, asked)


def _consumers(place: Place, asked: threading.Event) -> Iterator[Part]:
    hearing = {subscription.service for subscription in topology_of(place.tenant_id).subscriptions}
    for service in place.services:
        if service in hearing:
            run = partial(_consume, place, service, asked)
            yield _part("consumers", f"consumers-{service}", place, service, run)


def _consume(place: Place, service: str, asked: threading.Event, heartbeat: Heartbeat) -> bool:
    from shared.runtime.workers import run_consumers  # noqa: PLC0415  nameko is loaded where something is consumed.

    return run_consumers(place.context("consumers", service), place.topology("consumers", service), heartbeat, asked)


def _relays(place: Place, asked: threading.Event) -> Iterator[Part]:
    for service in place.services:
        yield _part("relay", f"relay-{service}", place, service, partial(_relay, place, service, asked))
    # It has the credentials of every service of this process, and looks on without those that are missing.
    yield Part(kind=WATCH, name="watch", prepare=lambda: None, run=partial(_watch, place, asked))


def _relay(place: Place, service: str, asked: threading.Event, heartbeat: Heartbeat) -> bool:
    build_relay(place.context("relay", service), place.topology("relay", service), service).run(heartbeat.watch(asked))
    return True


def _watch(place: Place, asked: threading.Event, _heartbeat: Heartbeat) -> bool:
    contexts = {}
    for service in place.services:
        try:
            contexts[service] = place.context("relay", service)
        except AlongsideError:
            # Its own parts say so; the others are watched.
            continue
    if contexts:
        Watch(contexts, place.topology("relay", next(iter(contexts)))).run(asked)
    asked.wait()
    return True


def _couriers(place: Place, asked: threading.Event) -> Iterator[Part]:
    service = couriers_service(place.tenant_id)
    if service is not None and service in place.services:
        yield _part("courier", "courier", place, service, partial(_courier, place, service, asked))


def _courier(place: Place, service: str, asked: threading.Event, heartbeat: Heartbeat) -> bool:
    context = place.context("courier", service)
    extra = context.settings.extra
    courier = Courier(
        client=context.client,
        database=context.database_name,
        tenant_id=context.tenant_id,
        service=context.service,
        remotes=[Remote(route=route, amqp_uri=uri) for route, uri in extra["courier_remotes"].items()],
        own_uri=extra.get("courier_own_uri"),
        poll_s=context.settings.poll_s,
        doorbell=place.doorbell_for(service),
    )
    return courier.run(heartbeat.watch(asked), patience_s=JOIN_S)


def _jobs(place: Place, asked: threading.Event) -> Iterator[Part]:
    for service in place.services:
        yield _part("job", f"jobs-{service}", place, service, partial(_run_jobs, place, service, asked))
        for own in service_of(service).own_parts():
            yield _part("job", f"{own.name}-{service}", place, service, partial(_run_own, place, service, own, asked))


def _run_own(place: Place, service: str, own: OwnPart, asked: threading.Event, heartbeat: Heartbeat) -> bool:
    return own.run(place.context("job", service), asked, heartbeat.watch(asked))


def _run_jobs(place: Place, service: str, asked: threading.Event, heartbeat: Heartbeat) -> bool:
    threads = []
    context = place.context("job", service)
    for job in service_of(service).jobs(context):
        stop = heartbeat.watch(asked, patience_s=job.every_s + JOB_PATIENCE_S)
        arguments = (context, job, asked, stop)
        thread = threading.Thread(target=repeat, args=arguments, name=f"{service}-{job.name}", daemon=True)
        thread.start()
        threads.append(thread)
    name_parts(thread.name for thread in threads)
    asked.wait()
    deadline = time.monotonic() + JOIN_S
    for thread in threads:
        thread.join(timeout=max(0.0, deadline - time.monotonic()))
    was_cut = place.children is not None and place.children.was_cut
    return not was_cut and not any(thread.is_alive() for thread in threads)


def repeat(context: ServiceContext, job: Job, asked: threading.Event, stop: WatchedStop) -> None:
    """Run a job again and again until asked to stop: by the time, or after its service's commits.

    Shown by tests/kernel/test_doorbell.py.
    """
    with ExitStack() as stack:
        bell = stack.enter_context(context.doorbell.listen()) if job.rung else None
        while not stop.is_set():
            if not _run_once(context.service, job) or bell is None or not bell.is_whole:
                asked.wait(job.every_s)
            else:
                # Many commits in a row are one reason to look.
                asked.wait(MOST_OFTEN_S)
                bell.wait(IDLE_S, asked)


def _run_once(service: str, job: Job) -> bool:
    """Run a job; give whether it came to its end."""
    try:
        job.run()
    except (PyMongoError, TemporarilyUnavailableError) as error:
        log.warning("job waits", service=service, job=job.name, error_class=type(error).__name__)
    except Exception as error:  # noqa: BLE001  A job that fails is tried again; its neighbours go on.
        log.error("job failed", service=service, job=job.name, error_class=type(error).__name__)  # noqa: TRY400
    else:
        return True
    return False


def _part(kind: str, name: str, place: Place, service: str, run: Callable[[Heartbeat], bool]) -> Part:
    return Part(kind=kind, name=name, prepare=partial(place.check, kind, service), run=run)


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
        doorbell=context.doorbell,
    )


_MAKERS: dict[str, Callable[[Place, threading.Event], Iterator[Part]]] = {
    "consumers": _consumers,
    "relay": _relays,
    "courier": _couriers,
    "job": _jobs,
}
WORKERS_KINDS = tuple(_MAKERS)
"""The kinds of work that a worker holds."""
