"""The api process: all blueprints of its services on one URL with one OpenAPI document.

On SIGTERM readiness falls at once, and requests are still answered for a while (``extra.drain_s`` of the first
service's credentials file), so that whatever sends requests here can notice; then what runs is finished.
"""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import pymongo
from flask import Flask

from shared.bus.topology import topology_of
from shared.kernel.tenancy import BOARD
from shared.keys.survivor_keys import CACHED_KEY_LIFE_S
from shared.runtime.context import KEEPERS_OF_SURVIVOR_KEYS, Listen, ServiceContext
from shared.runtime.operator.pages import build_pages as build_operators_pages
from shared.runtime.operator.standing import Operations
from shared.runtime.rooms import service_of
from shared.runtime.watch import Watch
from shared.web.app import create_app
from shared.web.gateway import Gateway
from shared.web.pages.grant import Grant
from shared.web.pages.remote_grant import RemoteGrant
from shared.web.pages.site import PageSet, Site, SiteSettings
from shared.web.readiness import Readiness
from shared.web.server import CONNECTIONS_AN_ADDRESS, BoundedServer
from shared.web.tokens import TokenVerifier

FINISH_S = 5.0
"""Seconds for which waitress itself waits for its threads when the loop has ended."""
_CHECK_S = 2.0
_DRAIN_S = 5.0
_DEMO_DRAIN_S = 0.5
_MAX_BODY_BYTES = 11 * 1024 * 1024  # A little above the application's own limit, which answers in words.


def gateway_of(context: ServiceContext) -> Gateway:
    """Build a service's gateway."""
    freeze = service_of(context.service).freeze(context)
    return Gateway(context.committer, fingerprint_key=context.tenant_key.subkey("IDEMPOTENCY"), freeze=freeze)


def build_app(contexts: Mapping[str, ServiceContext]) -> Flask:
    """Build the application of one tenant's services."""
    first = next(iter(contexts.values()))
    settings = first.settings
    blueprints: list[Any] = []
    open_routes: list[tuple[str, str]] = []
    page_sets: list[PageSet] = []
    readiness = Readiness({f"database-{name}": partial(_is_ours, context) for name, context in contexts.items()})
    ready_checks = readiness.checks
    watching: tuple[str, Gateway] | None = None
    for service, context in contexts.items():
        composed, gateway = service_of(service), gateway_of(context)
        blueprints += composed.blueprints(context, gateway)
        open_routes += composed.open_routes(context)
        pages = composed.page_sets(context, gateway)
        if pages:
            page_sets += pages
            watching = (service, gateway)
    if watching is not None:
        # One page for the whole process; the service whose pages stand last notes each look.
        service, gateway = watching
        page_sets.append(_operators_pages(contexts, service=service, gateway=gateway))
    watch = Watch(contexts, topology_of(first.tenant_id, settings.ladder))
    app = create_app(
        title=f"Alongside: {settings.name}",
        tenant_id=first.tenant_id,
        blueprints=blueprints,
        verifier=TokenVerifier(settings.token_public_keys, tenant_id=first.tenant_id, issuer=settings.token_issuer),
        ready_checks=ready_checks,
        open_routes=open_routes,
        site=_site(contexts, page_sets) if page_sets else None,
        needs_attention=watch.needs_attention,
    )
    app.extensions["watch"] = watch
    return app


def _operators_pages(contexts: Mapping[str, ServiceContext], *, service: str, gateway: Gateway) -> PageSet:
    first = next(iter(contexts.values()))
    operations = Operations(first.tenant_id, contexts, topology_of(first.tenant_id, first.settings.ladder))
    return build_operators_pages(gateway, operations.look, service=service, board=first.tenant_id == BOARD)


def _site(contexts: Mapping[str, ServiceContext], page_sets: Iterable[PageSet]) -> Site:
    """Gather the pages; people sign in with identity where it runs here, else at the register that is named."""
    first = next(iter(contexts.values()))
    register = first.settings.extra.get("sign_in_register")
    grant: Grant | None = None
    if "identity" in contexts:
        grant = service_of("identity").grant(contexts["identity"])
    elif register is not None:
        grant = RemoteGrant(register, audience=str(first.tenant_id), demo=first.settings.demo)
    settings = SiteSettings(
        tenant_id=first.tenant_id,
        place=first.settings.name,
        form_key=first.tenant_key.subkey("PAGE_FORMS"),
        grant=grant,
    )
    return Site(settings, page_sets)


def serve(contexts: Mapping[str, ServiceContext], listen: Listen) -> int:
    """Serve until SIGTERM, then finish what is being answered.

    From SIGTERM on /readyz says no for a while in which requests are still answered, so that a balancer stops
    sending before the socket closes. A second SIGTERM ends the wait.
    """
    app = build_app(contexts)
    settings = next(iter(contexts.values())).settings
    chosen = listen.port or settings.api_port
    configured = float(settings.extra.get("drain_s", _DEMO_DRAIN_S if settings.demo else _DRAIN_S))
    drain_s = max(0.01, configured if listen.drain_s is None else listen.drain_s)
    server = BoundedServer(
        app,
        host=listen.host,
        port=chosen,
        max_body_bytes=_MAX_BODY_BYTES,
        room_for=app.extensions["alongside-large-bodies"].room_for,
        connections_an_address=int(settings.extra.get("connections_an_address", CONNECTIONS_AN_ADDRESS)),
    )

    ended = threading.Event()

    def end(_number: int, _frame: Any) -> None:
        sys.exit(0)

    def stop(number: int, frame: Any) -> None:
        if app.extensions.get("draining"):
            end(number, frame)
        app.extensions["draining"] = True
        signal.setitimer(signal.ITIMER_REAL, drain_s)

    watch: Watch = app.extensions["watch"]
    threading.Thread(target=watch.run, args=(ended,), name="watch", daemon=True).start()
    threading.Thread(target=_let_go_of_keys, args=(contexts, ended), name="expired-keys", daemon=True).start()
    signal.signal(signal.SIGALRM, end)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        server.run()
    finally:
        ended.set()
        server.close()
        for context in contexts.values():
            with contextlib.suppress(Exception):
                context.committer.close()
    return 0


def _let_go_of_keys(contexts: Mapping[str, ServiceContext], ended: threading.Event) -> None:
    """Drop survivors' keys past their life, also while nobody asks for anything."""
    keepers = [context for service, context in contexts.items() if service in KEEPERS_OF_SURVIVOR_KEYS]
    while keepers and not ended.wait(CACHED_KEY_LIFE_S):
        for context in keepers:
            context.survivor_keys.drop_expired()


def _is_ours(context: ServiceContext) -> bool:
    """Read the marker with the service's own user: a ping would be answered without any right."""
    try:
        with pymongo.timeout(_CHECK_S):
            marker = context.client[context.database_name]["marker"].find_one({"_id": "marker"})
    except Exception:  # noqa: BLE001  Whatever is wrong, we are not ready.
        return False
    return marker is not None and marker["tenant_id"] == context.tenant_id and marker["service"] == context.service
