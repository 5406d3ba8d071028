"""The api process: all blueprints of its services on one URL with one OpenAPI document."""

import contextlib
import signal
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from flask import Flask
from waitress.server import create_server

from services.context import ServiceContext
from services.wirings import wiring_of
from shared.web.app import create_app
from shared.web.gateway import Gateway
from shared.web.pages.grant import Grant
from shared.web.pages.remote_grant import RemoteGrant
from shared.web.pages.site import PageSet, Site, SiteSettings
from shared.web.tokens import TokenVerifier

_THREADS = 12
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
    page_sets: list[PageSet] = []
    for service, context in contexts.items():
        wiring = wiring_of(service)
        gateway = gateway_of(context)
        if hasattr(wiring, "build_blueprints"):
            blueprints += wiring.build_blueprints(context, gateway)
            open_routes += getattr(wiring, "OPEN_ROUTES", ())
        if hasattr(wiring, "build_pages"):
            page_sets.append(wiring.build_pages(context, gateway))
    return create_app(
        title=f"Alongside: {settings.name}",
        tenant_id=first.tenant_id,
        blueprints=blueprints,
        verifier=TokenVerifier(settings.token_public_keys, tenant_id=first.tenant_id, issuer=settings.token_issuer),
        ready_checks={f"database-{name}": partial(_answers, context) for name, context in contexts.items()},
        open_routes=open_routes,
        site=_site(contexts, page_sets) if page_sets else None,
    )


def _site(contexts: Mapping[str, ServiceContext], page_sets: Iterable[PageSet]) -> Site:
    """Gather the pages; people sign in with identity where it runs here, else at the register that is named."""
    first = next(iter(contexts.values()))
    register = first.settings.extra.get("sign_in_register")
    grant: Grant | None = None
    if "identity" in contexts:
        grant = wiring_of("identity").build_grant(contexts["identity"])
    elif register is not None:
        grant = RemoteGrant(register, audience=str(first.tenant_id))
    settings = SiteSettings(
        tenant_id=first.tenant_id,
        place=first.settings.name,
        form_key=first.tenant_key.subkey("PAGE_FORMS"),
        grant=grant,
    )
    return Site(settings, page_sets)


def serve(contexts: Mapping[str, ServiceContext], port: int | None) -> int:
    """Serve until SIGTERM, then finish what is being answered."""
    app = build_app(contexts)
    chosen = port or next(iter(contexts.values())).settings.api_port
    server = create_server(
        app,
        host="127.0.0.1",
        port=chosen,
        threads=_THREADS,
        ident="",
        clear_untrusted_proxy_headers=True,
        max_request_body_size=_MAX_BODY_BYTES,
    )

    def stop(_number: int, _frame: Any) -> None:
        app.extensions["draining"] = True
        sys.exit(0)

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
