"""Builds the Flask application of one tenant: authentication before routing, problems, health, docs.

Served by waitress on plain threads. Everything but the few open addresses answers a request without a
valid token with one and the same 401, whether the address exists or not.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, jsonify, request, send_from_directory
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import HTTPException

from shared.kernel.errors import AlongsideError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId
from shared.telemetry.traces import current_traceparent, extract, start_span
from shared.web.problems import from_alongside_error, from_fault, from_http_exception, problem
from shared.web.tokens import TokenRefusedError, TokenVerifier

MAX_BODY_BYTES = 10 * 1024 * 1024
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/openapi.json", "/v1/meta", "/docs", "/docs/"})
OPEN_PREFIXES = ("/docs/",)
VERSION = "0.1.0"
_SWAGGER = Path(__file__).parent / "static"


def create_app(
    *,
    title: str,
    tenant_id: TenantId,
    blueprints: Iterable[Blueprint],
    verifier: TokenVerifier,
    ready_checks: Mapping[str, Callable[[], bool]],
    open_routes: Iterable[tuple[str, str]] = (),
) -> Flask:
    """Build the application.

    Args:
        title: Shown on the API's page.
        tenant_id: Whose API it is.
        blueprints: Routes of the services.
        verifier: Checks tokens.
        ready_checks: What must hold to serve, by name.
        open_routes: (method, path) that need no token, such as the token endpoint and public pages.
    """
    app = Flask(title, static_folder=None)
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        JSON_SORT_KEYS=False,
        PROPAGATE_EXCEPTIONS=False,
    )
    opened = frozenset(open_routes)
    app.before_request(lambda: _authenticate(verifier, opened))
    app.after_request(_finish)
    api = Api(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    _declare_errors(api)
    app.register_error_handler(AlongsideError, from_alongside_error)
    app.register_error_handler(HTTPException, from_http_exception)
    app.register_error_handler(Exception, from_fault)
    _add_plain_routes(app, api, tenant_id, ready_checks)
    return app


def _authenticate(verifier: TokenVerifier, opened: frozenset[tuple[str, str]]) -> Response | None:
    g.request_id = new_id()
    g.span = start_span(
        f"{request.method} request", parent=extract({name.lower(): value for name, value in request.headers.items()})
    )
    g.span.__enter__()
    g.traceparent = current_traceparent()
    path = request.path
    if path in OPEN_PATHS or path.startswith(OPEN_PREFIXES) or (request.method, path) in opened:
        return None
    if any(p.endswith("*") and m == request.method and path.startswith(p[:-1]) for m, p in opened):
        return None
    try:
        g.principal = verifier.verify(request.headers.get("Authorization"))
    except TokenRefusedError:
        answer = problem(401)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    return None


def _finish(response: Response) -> Response:
    span = g.pop("span", None)
    if span is not None:
        span.__exit__(None, None, None)
    response.headers.setdefault("X-Request-Id", getattr(g, "request_id", ""))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "frame-ancestors 'none'",
    )
    return response


def _declare_errors(api: Api) -> None:
    schema = {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "code": {"type": "string"},
            "errors": {"type": "array", "items": {"type": "object"}},
        },
    }
    api.spec.components.schema("Problem", schema)
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in api.spec._paths.values():  # noqa: SLF001  apispec has no public way to add one response to all.
        for operation in path.values():
            if isinstance(operation, dict):
                operation.setdefault("responses", {})["default"] = {"description": "A problem", "content": content}


def _add_plain_routes(
    app: Flask, api: Api, tenant_id: TenantId, ready_checks: Mapping[str, Callable[[], bool]]
) -> None:
    def healthz() -> Response:
        return jsonify({"status": "up"})

    def readyz() -> Response:
        draining = bool(app.extensions.get("draining"))
        results = {name: check() for name, check in ready_checks.items()}
        ready = not draining and all(results.values())
        response = jsonify({"status": "ready" if ready else "not ready", "checks": results, "draining": draining})
        response.status_code = 200 if ready else 503
        return response

    def meta() -> Response:
        return jsonify({"product": "Alongside", "version": VERSION, "tenant": tenant_id, "api": ["v1"]})

    def openapi() -> Response:
        return jsonify(api.spec.to_dict())

    def docs(name: str = "index.html") -> Response:
        return send_from_directory(_SWAGGER, name)

    routes: dict[str, Callable[..., Any]] = {
        "/healthz": healthz,
        "/readyz": readyz,
        "/v1/meta": meta,
        "/openapi.json": openapi,
        "/docs/": docs,
        "/docs/<path:name>": docs,
    }
    for number, (path, view) in enumerate(routes.items()):
        app.add_url_rule(path, f"plain-{number}", view)
