"""Builds the Flask application of one tenant: authentication before routing, problems, health, docs.

Served by waitress on plain threads. Everything but the few open addresses answers a request without a
valid token with one and the same 401, whether the address exists or not.
"""

import io
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, cast

from flask import Flask, Request, Response, current_app, g, request
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from shared.kernel.errors import AlongsideError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId
from shared.telemetry.metric_names import REQUEST_DURATION
from shared.telemetry.metrics import histogram
from shared.telemetry.traces import SpanKind, extract, start_span
from shared.web import problems
from shared.web.batch import build_batch_blueprint, serves_some
from shared.web.bodies import Blueprint
from shared.web.deadlines import begin_deadline, end_deadline
from shared.web.deprecations import tell_deprecation
from shared.web.json_answers import Rfc3339Json
from shared.web.large_bodies import LargeBodies, SealedFormFile, most_of_a_file
from shared.web.openapi import ProblemApi, build_document, endpoints_with
from shared.web.pages.sign_in import build_sign_in
from shared.web.pages.site import Site
from shared.web.plain_routes import OPEN_PATHS, OPEN_PREFIXES, VERSION, Document, add_pages, build_plain_blueprint
from shared.web.problems import UnknownParameterError, problem
from shared.web.rate_limits import tell_limits
from shared.web.route_labels import route_label
from shared.web.sandbox_answers import mark_answers
from shared.web.tokens import TokenRefusedError, TokenVerifier, may_come_from

__all__ = ["MAX_BODY_BYTES", "VERSION", "create_app"]

MAX_BODY_BYTES = 10 * 1024 * 1024
_IN_MEMORY_BYTES = 1024 * 1024

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}


class QueryNotingRequest(Request):
    """Knows whether its route looked at the query; a form's file stays in memory, or sealed on disk."""

    query_was_read = False

    def _get_file_stream(self, total_content_length: int | None, *_: Any, **_named: Any) -> IO[bytes]:
        """Give where a form's file is kept: Flask's own would lie open on the disk, and a body is bounded anyway."""
        total = total_content_length or MAX_BODY_BYTES
        return io.BytesIO() if total <= _IN_MEMORY_BYTES else cast("IO[bytes]", SealedFormFile(total))

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query's parameters."""
        self.query_was_read = True
        return super().args


def create_app(
    *,
    title: str,
    tenant_id: TenantId,
    blueprints: Iterable[Blueprint],
    verifier: TokenVerifier,
    ready_checks: Mapping[str, Callable[[], bool]],
    open_routes: Iterable[tuple[str, str]] = (),
    site: Site | None = None,
    needs_attention: Callable[[], bool | None] = lambda: None,
) -> Flask:
    """Build the application.

    Args:
        title: Shown on the API's page.
        tenant_id: Whose API it is.
        blueprints: Routes of the services.
        verifier: Checks tokens.
        ready_checks: What must hold to serve, by name; each is quick and raises nothing.
        open_routes: (method, path) that need no token, such as the token endpoint and public pages; a path
            that ends in ``*`` stands for everything below it.
        site: The pages for browsers, if any of the services has some.
        needs_attention: Whether somebody must look after what runs here, or None while nobody has looked.
    """
    app = Flask(title, static_folder=None, root_path=str(Path(__file__).parent))
    # No redirects of the router's own: their bodies are HTML and repeat the Host header.
    app.url_map.merge_slashes = False
    app.request_class = QueryNotingRequest
    app.json = Rfc3339Json(app)
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        PROPAGATE_EXCEPTIONS=False,
    )
    opened = frozenset(open_routes)
    document = Document()
    app.before_request(partial(_begin, verifier, opened, site))
    # What was noted last is done first, and finishing may put another answer in an answer's place.
    mark_answers(app, tenant_id)
    app.after_request(partial(_finish, site))
    app.teardown_request(_end_span)
    app.teardown_request(end_deadline)
    api = ProblemApi(app)
    for blueprint in (build_plain_blueprint(app, document, tenant_id, ready_checks, needs_attention), *blueprints):
        api.register_blueprint(blueprint)
    if serves_some(app):
        api.register_blueprint(build_batch_blueprint())
    add_pages(app, document)
    if site is not None:
        site.register(app, verifier)
        app.register_blueprint(build_sign_in(site))
    document.written_by(partial(build_document, api, opened | {("GET", path) for path in OPEN_PATHS}))
    app.extensions["alongside-takes"] = (endpoints_with(app, "json"), endpoints_with(app, "query"))
    app.extensions["alongside-large-bodies"] = (
        LargeBodies(app, verifier) if site is None else LargeBodies(app, verifier, site.sessions.token_in)
    )
    app.before_request(_refuse_what_is_too_large)
    app.register_error_handler(AlongsideError, problems.from_alongside_error)
    app.register_error_handler(HTTPException, problems.from_http_exception)
    app.register_error_handler(ConnectionFailure, problems.from_database_error)
    app.register_error_handler(ExecutionTimeout, problems.from_database_error)
    app.register_error_handler(PyMongoError, problems.from_database_error)
    app.register_error_handler(RecursionError, problems.from_too_deep)
    app.register_error_handler(Exception, problems.from_fault)
    return app


def _begin(verifier: TokenVerifier, opened: frozenset[tuple[str, str]], site: Site | None) -> Response | None:
    """Note the request's id and trace, then let nobody in without a token; runs before any route."""
    g.request_id = new_id()
    begin_deadline()
    parent = extract({"traceparent": request.headers.get("traceparent")})
    g.span = start_span(f"{_method()} request", parent=parent, kind=SpanKind.SERVER)
    g.traceparent = g.span.__enter__().traceparent
    if site is not None and site.addresses.covers(request.path):
        return site.admit()
    if site is not None and not request.path.startswith("/v1/"):
        site.recognise()
    if _is_open(request.method, request.path, opened):
        return None
    if site is not None and not request.path.startswith("/v1/") and request.routing_exception is not None:
        return None  # Beside the API there are open addresses and pages only: an unknown one tells nothing to anybody.
    try:
        principal = verifier.verify(request.headers.get("Authorization"))
        if not may_come_from(principal.networks, request.remote_addr):
            raise TokenRefusedError
        g.principal = principal
    except TokenRefusedError:
        answer = problem(HTTPStatus.UNAUTHORIZED)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    return None


def _is_open(method: str, path: str, opened: frozenset[tuple[str, str]]) -> bool:
    if path in OPEN_PATHS or path.startswith(OPEN_PREFIXES) or (method, path) in opened:
        return True
    return any(p.endswith("*") and m == method and path.startswith(p[:-1]) for m, p in opened)


def _refuse_what_is_too_large() -> Response | None:
    """Refuse what no address takes; smaller bodies wait until the caller's right is known (``shared.web.bodies``)."""
    most = most_of_a_file(request.endpoint) or MAX_BODY_BYTES
    if (request.content_length or 0) > most:
        words = None if most == MAX_BODY_BYTES else f"A file may have {most // 1024 // 1024} MB here. Split it."
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=words)
    request.max_content_length = most
    return None


def _finish(site: Site | None, response: Response) -> Response:
    response = _refuse_unread_query(response)
    failed = response.status_code >= HTTPStatus.BAD_REQUEST
    if site is not None and (site.addresses.covers(request.path) or (failed and site.addresses.wants_page())):
        response = site.dress(response)
    began = g.pop("began", None)
    if began is not None:
        route, method = route_label(request.url_rule.rule if request.url_rule is not None else None), _method()
        service = _service_of(request.endpoint)
        g.span.rename(f"{method} {route}")
        g.span.set(service=service, route=route, method=method, status=response.status_code)
        histogram(REQUEST_DURATION).record(
            time.monotonic() - began, service=service, route=route, method=method, status=response.status_code
        )
    tell_limits(response)
    tell_deprecation(response)
    response.headers.setdefault("X-Request-Id", getattr(g, "request_id", ""))
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _refuse_unread_query(response: Response) -> Response:
    """Refuse a read that carries parameters which its route never looked at."""
    if (
        request.query_string
        and not getattr(request, "query_was_read", True)
        and request.method in ("GET", "HEAD")
        and request.path.startswith("/v1/")
        and response.status_code < HTTPStatus.BAD_REQUEST
    ):
        return problems.from_alongside_error(UnknownParameterError("This address has no parameters."))
    return response


def _service_of(endpoint: str | None) -> str:
    """Name the service that serves a route: one process may serve all of a tenant's."""
    module = getattr(current_app.view_functions.get(endpoint or ""), "__module__", "")
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] if package == "services" else "web"


def _method() -> str:
    """Give the request's method from the closed list; a caller may have written anything there."""
    return request.method if request.method in _METHODS else "OTHER"


def _end_span(error: BaseException | None) -> None:
    span = g.pop("span", None)
    if span is not None:
        span.__exit__(type(error) if error else None, error, None)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
