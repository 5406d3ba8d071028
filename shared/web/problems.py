"""Every error as RFC 9457 problem+json; never an exception's text, a value that was sent, or HTML.

The one place that maps the six error families to HTTP. A 401 is the same bytes whatever was wrong; every
other problem names its request id. Limit: the sentence of an ``AlongsideError`` is shown as it stands, so
an error's author keeps personal data out of it.
"""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, g, jsonify, request
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.kernel.errors import (
    AlongsideError,
    GoneError,
    InvalidInputError,
    NotFoundError,
    RuleViolationError,
    TemporarilyUnavailableError,
    TooManyRequestsError,
)
from shared.outbox.committer import DatabaseAwayError
from shared.outbox.unit_of_work import StaleVersionError
from shared.telemetry.logs import get_logger
from shared.web.pointers import errors_of

log = get_logger(__name__)

RETRY_AFTER_S = 2
PAGES = "/docs/errors/"
"""Where each kind of problem has its page, on this very server, so that it resolves also offline."""

_WORDS: dict[int, tuple[str, str, str]] = {
    400: ("bad-request", "The request cannot be read", "The body or a header cannot be read; see the API's page."),
    401: (
        "token-refused",
        "Sign in first",
        "Send a valid token of this tenant in the Authorization header.",
    ),
    404: (
        "not-found",
        "There is nothing here",
        "There is no such thing, or you may not see it. Check the address and your role.",
    ),
    405: (
        "method-not-allowed",
        "This address does not do that",
        "See the Allow header and the API's page for what this address can do.",
    ),
    409: (
        "rule-violation",
        "That is not possible now",
        "A rule forbids this at the moment. Read the thing again to see its state.",
    ),
    410: ("gone", "It is no longer kept", "What was asked for was given up for its age."),
    412: ("stale-version", "Somebody else has changed it", "Read it again and repeat with the ETag of that answer."),
    413: (
        "too-large",
        "The request is too large",
        "A JSON body may have 256 kB, any other body 10 MB; the API's page names addresses that take larger files.",
    ),
    415: ("unsupported-content", "This kind of content is not accepted", "Send application/json."),
    422: (
        "invalid-input",
        "Something in the request is not right",
        "The list errors names each place that is not right, and says how to correct it.",
    ),
    428: (
        "precondition-required",
        "Say which version you mean",
        "Send If-Match with the ETag of the version that you read.",
    ),
    429: ("too-many-requests", "Too much at once", "Wait as long as Retry-After says, then repeat the request."),
    500: (
        "internal-fault",
        "Something went wrong here",
        "The fault is recorded under the request id. Repeat the request with the same Idempotency-Key.",
    ),
    503: (
        "temporarily-unavailable",
        "Try again in a moment",
        "The database or another service does not answer. Wait as long as Retry-After says, then repeat the request.",
    ),
}
_OTHERWISE = ("request-failed", "The request failed", "See the API's page for what this address can do.")


class PreconditionRequiredError(AlongsideError):
    """A change without a usable If-Match; HTTP 428."""

    code = "precondition-required"


class PreconditionFailedError(AlongsideError):
    """If-Match holds a tag that no version here can have; HTTP 412."""

    code = "stale-version"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "If-Match does not name a version of this thing. Read it again and repeat with the ETag of that answer."
        )


class IdempotencyKeyMissingError(AlongsideError):
    """A POST without a usable Idempotency-Key; HTTP 400."""

    code = "idempotency-key-missing"

    def __init__(self) -> None:
        """Say what to send."""
        super().__init__("Send an Idempotency-Key header: 1 to 255 visible ASCII characters, new for each request.")


class UnknownParameterError(InvalidInputError):
    """A misspelt filter would silently show everything, so it is refused; HTTP 422."""

    code = "unknown-parameter"


_STATUSES: tuple[tuple[type[AlongsideError], HTTPStatus], ...] = (
    (PreconditionRequiredError, HTTPStatus.PRECONDITION_REQUIRED),
    (PreconditionFailedError, HTTPStatus.PRECONDITION_FAILED),
    (IdempotencyKeyMissingError, HTTPStatus.BAD_REQUEST),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (GoneError, HTTPStatus.GONE),
    (InvalidInputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (RuleViolationError, HTTPStatus.CONFLICT),
    (TooManyRequestsError, HTTPStatus.TOO_MANY_REQUESTS),
    (TemporarilyUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def problem(
    status: int, *, code: str | None = None, detail: str | None = None, errors: Sequence[dict[str, str]] = ()
) -> Response:
    """Make a problem document: type, title, status, detail, code, instance, trace_id and errors.

    Args:
        status: HTTP status, 400 to 599.
        code: Kebab-case name of the error; each status has one of its own.
        detail: A fixed sentence, or an ``AlongsideError``'s.
        errors: Pointer, code and detail of each place that is not right.
    """
    body = problem_document(status, code=code, detail=detail)
    if status != HTTPStatus.UNAUTHORIZED:
        # A 401 says nothing of its own: not even its length may differ between two addresses.
        body["instance"] = getattr(g, "request_id", "")
        body["trace_id"] = (getattr(g, "traceparent", None) or "")[3:35]
    if errors:
        body["errors"] = list(errors)
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def problem_document(status: int, *, code: str | None = None, detail: str | None = None) -> dict[str, Any]:
    """Give what a problem says whatever was asked: type, title, status, detail and code; as ``problem``."""
    own_code, title, words = _WORDS.get(status, _OTHERWISE)
    return {
        "type": f"{PAGES}{code or own_code}",
        "title": title,
        "status": int(status),
        "detail": detail or words,
        "code": code or own_code,
    }


def kinds_of_problems() -> dict[str, dict[str, Any]]:
    """Give every kind of problem that this process can answer with, by code: status, title, meaning and what to do."""
    kinds = {
        code: {"status": status, "title": title, "about": title, "detail": words}
        for status, (code, title, words) in _WORDS.items()
    }
    kinds[_OTHERWISE[0]] = {"status": None, "title": _OTHERWISE[1], "about": _OTHERWISE[1], "detail": _OTHERWISE[2]}
    for error in _every(AlongsideError):
        status = next((int(status) for family, status in _STATUSES if issubclass(error, family)), 500)
        _, title, words = _WORDS.get(status, _OTHERWISE)
        about = (error.__doc__ or title).partition("\n")[0]
        kinds.setdefault(error.code, {"status": status, "title": title, "about": about, "detail": words})
    return kinds


def _every(family: type[AlongsideError]) -> Iterator[type[AlongsideError]]:
    for error in family.__subclasses__():
        yield error
        yield from _every(error)


def from_alongside_error(error: AlongsideError) -> Response:
    """Map an error of ours by its family; a missing and a hidden thing give one and the same 404."""
    for family, status in _STATUSES:
        if isinstance(error, family):
            if status == HTTPStatus.NOT_FOUND:
                return problem(status)
            if isinstance(error, StaleVersionError) and "If-Match" in request.headers:
                return problem(HTTPStatus.PRECONDITION_FAILED)
            errors = error.problems if isinstance(error, InvalidInputError) else ()
            answer = problem(status, code=error.code, detail=str(error), errors=errors)
            if isinstance(error, TooManyRequestsError):
                answer.headers["Retry-After"] = str(error.retry_after_s)
            return answer
    return from_fault(error)


def from_http_exception(error: HTTPException) -> Response:
    """Map werkzeug's and webargs' errors; their texts are replaced."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    response = problem(status, errors=errors_of(getattr(error, "data", {}).get("messages")))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def from_database_error(error: PyMongoError) -> Response:
    """Map a database that is away, or silent for too long, while a route reads; anything else is a fault of ours."""
    if error.timeout or isinstance(error, (ConnectionFailure, ExecutionTimeout)):
        return from_alongside_error(DatabaseAwayError())
    return from_fault(error)


def from_too_deep(error: RecursionError) -> Response:
    """Map a body nested so deep that it cannot be parsed."""
    del error
    return problem(HTTPStatus.BAD_REQUEST)


def from_fault(error: Exception) -> Response:
    """Map anything unforeseen: a fixed text out, the class name in the log."""
    log.error("request failed", error_class=type(error).__name__, request_id=getattr(g, "request_id", ""))
    if current_app.config.get("RAISE_FAULTS"):
        raise error
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR)
