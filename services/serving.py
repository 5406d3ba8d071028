"""The api process: all blueprints of its services on one URL with one OpenAPI document."""

import contextlib
import signal
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask
from waitress.server import create_server

from services.context import Listen, ServiceContext
from services.wirings import wiring_of
from shared.web.app import create_app
from shared.web.gateway import Gateway
from shared.web.tokens import TokenVerifier

_THREADS = 12
FINISH_S = 5.0
"""Seconds for which waitress itself waits for its threads when the loop has ended."""
_MAX_BODY_BYTES = 11 * 1024 * 1024  # A little above the application's own limit, which answers in words.


def gateway_of(context: ServiceContext) -> Gateway:
    """Build a service's gateway."""
    return Gateway(context.committer, fingerprint_key=context.tenant_key.subkey("IDEMPOTENCY"))


def build_app(contexts: Mapping[str, ServiceContext]) -> Flask:
    """Build the application of one tenant's services."""
    first = next(iter(contexts.values()))
    settings = first.settings
    blueprints: list[Any] = []
    open_routes: list[tuple[str, str]] = []
    for service, context in contexts.items():
        wiring = wiring_of(service)
        if hasattr(wiring, "build_blueprints"):
            blueprints += wiring.build_blueprints(context, gateway_of(context))
            open_routes += getattr(wiring, "OPEN_ROUTES", ())
    return create_app(
        title=f"Alongside: {settings.name}",
        tenant_id=first.tenant_id,
        blueprints=blueprints,
        verifier=TokenVerifier(settings.token_public_keys, tenant_id=first.tenant_id, issuer=settings.token_issuer),
        ready_checks={f"database-{name}": partial(_answers, context) for name, context in contexts.items()},
        open_routes=open_routes,
    )


def serve(contexts: Mapping[str, ServiceContext], listen: Listen) -> int:
    """Serve until SIGTERM, then finish what is being answered.

    From SIGTERM on /readyz says no, for ``listen.drain_s`` while requests are still answered, so that a
    balancer stops sending before the socket closes. A second SIGTERM ends the wait.
    """
    app = build_app(contexts)
    chosen = listen.port or next(iter(contexts.values())).settings.api_port
    server = create_server(
        app,
        host=listen.host,
        port=chosen,
        threads=_THREADS,
        ident="",
        clear_untrusted_proxy_headers=True,
        max_request_body_size=_MAX_BODY_BYTES,
    )

    def end(_number: int, _frame: Any) -> None:
        sys.exit(0)

    def stop(number: int, frame: Any) -> None:
        waits = listen.drain_s > 0 and not app.extensions.get("draining")
        app.extensions["draining"] = True
        if not waits:
            end(number, frame)
        signal.setitimer(signal.ITIMER_REAL, listen.drain_s)

    signal.signal(signal.SIGALRM, end)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        server.run()
    finally:
        server.close()
        for context in contexts.values():
            with contextlib.suppress(Exception):
                context.committer.close()
    return 0


def _answers(context: ServiceContext) -> bool:
    try:
        context.client[context.database_name].command("ping")
    except Exception:  # noqa: BLE001  Whatever is wrong, we are not ready.
        return False
    return True
