"""Every error as RFC 9457 problem+json; never an exception's text, a value that was sent, or HTML.

The one place that maps the five error families to HTTP.
"""

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException

from shared.kernel.errors import (
    AlongsideError,
    InvalidInputError,
    NotFoundError,
    RuleViolationError,
    TemporarilyUnavailableError,
)
from shared.telemetry.logs import get_logger

log = get_logger(__name__)

_TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    404: "There is nothing here",
    405: "This address does not do that",
    409: "That is not possible now",
    412: "Someone changed it meanwhile",
    413: "The request is too large",
    415: "This kind of content is not taken",
    422: "Something in the request is not right",
    428: "Say which version you mean",
    500: "Something went wrong here",
    503: "Try again in a moment",
}
_DETAILS = {
    400: "The body or a header cannot be read; see the API's page.",
    401: "Send a valid token of this tenant in the Authorization header.",
    404: "There is no such thing, or you may not see it.",
    405: "See the API's page for what this address can do.",
    413: "A request may have 10 MB.",
    415: "Send application/json.",
    428: "Send If-Match with the ETag of the version that you read.",
    500: "The fault is noted under the request id. Repeat the request with the same Idempotency-Key.",
}


class PreconditionRequiredError(AlongsideError):
    """A change without If-Match; HTTP 428."""

    code = "precondition-required"


class IdempotencyKeyMissingError(AlongsideError):
    """A POST without a usable Idempotency-Key; HTTP 400."""

    code = "idempotency-key-missing"

    def __init__(self) -> None:
        """Say what to send."""
        super().__init__("Send an Idempotency-Key header: 1 to 255 visible ASCII characters, new for each request.")


_STATUSES: tuple[tuple[type[AlongsideError], int], ...] = (
    (PreconditionRequiredError, 428),
    (IdempotencyKeyMissingError, 400),
    (NotFoundError, 404),
    (InvalidInputError, 422),
    (RuleViolationError, 409),
    (TemporarilyUnavailableError, 503),
)


def problem(
    status: int, *, code: str | None = None, detail: str | None = None, errors: Sequence[dict[str, str]] = ()
) -> Response:
    """Make a problem document."""
    body: dict[str, Any] = {
        "type": f"/docs/errors#{code or status}",
        "title": _TITLES.get(status, "The request failed"),
        "status": status,
        "detail": detail or _DETAILS.get(status, _TITLES.get(status, "")),
        "instance": getattr(g, "request_id", ""),
    }
    if code:
        body["code"] = code
    if errors:
        body["errors"] = list(errors)
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    if status == 503:  # noqa: PLR2004  HTTP's own number.
        response.headers["Retry-After"] = "2"
    return response


def from_alongside_error(error: AlongsideError) -> Response:
    """Map an error of ours by its family."""
    for family, status in _STATUSES:
        if isinstance(error, family):
            if status == 404:  # noqa: PLR2004  The same answer whether it is missing or hidden.
                return problem(404)
            if error.code == "stale-version" and "If-Match" in request.headers:
                status = 412  # noqa: PLW2901
            errors = error.problems if isinstance(error, InvalidInputError) else ()
            return problem(status, code=error.code, detail=str(error), errors=errors)
    return from_fault(error)


def from_http_exception(error: HTTPException) -> Response:
    """Map werkzeug's and webargs' errors; their texts are replaced."""
    status = error.code or 500
    messages = getattr(error, "data", {}).get("messages") if status in (400, 422) else None
    return problem(status, errors=list(_pointers(messages)) if messages else ())


def from_fault(error: Exception) -> Response:
    """Map anything unforeseen: a fixed text out, the class name in the log."""
    log.error("request failed", error=type(error).__name__, request_id=getattr(g, "request_id", ""))
    if current_app.config.get("RAISE_FAULTS"):
        raise error
    return problem(500)


def _pointers(messages: Any, path: str = "#") -> Any:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = "" if path == "#" and key in ("json", "query", "form", "json_or_form") else f"/{key}"
            yield from _pointers(inner, path + step)
    elif isinstance(messages, list):
        # marshmallow's own sentences name the rule; none repeats the value.
        yield {"pointer": path, "code": "invalid", "detail": " ".join(str(message) for message in messages)}
