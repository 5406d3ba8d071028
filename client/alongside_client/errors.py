"""What can go wrong, as the API's problem documents say it (RFC 9457).

Promise: the text of an error, which ends up in logs and traces, holds a code and a status of a known form and
nothing else of an answer, and no address beyond scheme, host and port.
Shown by tests/unit/client/test_client_errors.py.
Limit: ``detail`` and ``document`` are what the server said; whoever shows them has decided to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,7}")
_OAUTH_ERROR = re.compile(r"[a-z]+(?:_[a-z]+){0,5}")
_LONGEST_CODE = 60


class ClientError(Exception):
    """Whatever this client raises."""


class PlainAddressError(ClientError):
    """The address would send secrets in the clear, or is none."""

    def __init__(self) -> None:
        """Say which addresses there are."""
        super().__init__(
            "The address must begin with https:// and name a server; plain http:// is for this machine itself alone."
        )


class AwayError(ClientError):
    """The API did not answer; a request that changes something may have been carried out all the same.

    Attributes:
        origin: Scheme, host and port.
    """

    def __init__(self, origin: str, why: str) -> None:
        """Name the server and what kind of failure it was."""
        super().__init__(f"{origin} does not answer ({why}).")
        self.origin = origin


class UnusableAnswerError(ClientError):
    """What answered does not speak as this API does: another program, a gate in between, or far too much."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One place of a request that is not right.

    Attributes:
        pointer: JSON pointer of the place (RFC 6901).
        code: Kebab-case name of the fault.
        detail: How to correct it.
    """

    pointer: str
    code: str
    detail: str


class ProblemError(ClientError):
    """The API refused a request.

    Attributes:
        status: HTTP status.
        type: Address of the page about this kind of problem.
        code: Kebab-case name of the problem.
        title: The kind of problem in words.
        detail: What to do about it, for people.
        instance: The request's id, to quote to whoever runs the API.
        faults: Each place that is not right.
        retry_after_s: Seconds to wait before another try, or None.
        document: The whole problem document.
    """

    def __init__(self, status: int, document: Mapping[str, Any], *, retry_after_s: float | None = None) -> None:
        """Keep the document; say its code and status."""
        self.status = status
        self.document = dict(document)
        self.code = _known(_CODE, document.get("code"))
        self.type = _text(document, "type")
        self.title = _text(document, "title")
        self.detail = _text(document, "detail")
        self.instance = _text(document, "instance")
        places = document.get("errors")
        self.faults = tuple(
            Fault(pointer=_text(one, "pointer"), code=_text(one, "code"), detail=_text(one, "detail"))
            for one in (places if isinstance(places, list) else ())
            if isinstance(one, Mapping)
        )
        self.retry_after_s = retry_after_s
        super().__init__(f"The API refused the request: {self.code} (HTTP {status}).")


class BadRequestError(ProblemError):
    """The request cannot be read: a header or a body has no known form; 400, 405, 413 or 415."""


class NotSignedInError(ProblemError):
    """The token was not taken, also not a new one; 401."""


class NotFoundError(ProblemError):
    """There is no such thing, or one may not see it; 404."""


class RuleViolationError(ProblemError):
    """A rule forbids it now; 409."""


class KeyInFlightError(RuleViolationError):
    """Another request with the same Idempotency-Key is under way; wait a moment, and repeat it. 409."""


class GoneError(ProblemError):
    """It was given up for its age; ``detail`` says how to go on without it; 410."""


class StaleVersionError(ProblemError):
    """Somebody else has changed it; 412."""


class InvalidInputError(ProblemError):
    """Something in the request is not right: see ``faults``; 422."""


class KeyReusedError(InvalidInputError):
    """The Idempotency-Key was used with another body; 422."""


class SourceNeededError(InvalidInputError):
    """The host has several systems, so it must be said whose references these are; 422."""


class SourceNotKnownError(InvalidInputError):
    """Nothing of this system is known there: a slip of the pen, or say that it is new; 422."""


class PreconditionRequiredError(ProblemError):
    """The request must say which version it means; 428."""


class BusyError(ProblemError):
    """Not now: see ``retry_after_s``; 429 or 503."""


class FaultError(ProblemError):
    """A fault of the API's own; whoever runs it finds it under ``instance``; 500."""


class SignInRefusedError(ClientError):
    """No token was given, in the words of OAuth 2.0 (RFC 6749, 5.2).

    Attributes:
        status: HTTP status.
        error: Such as ``invalid_grant``.
        description: What to do about it, for people.
        retry_after_s: Seconds to wait before another try, or None.
        document: The whole answer.
    """

    def __init__(self, status: int, document: Mapping[str, Any], *, retry_after_s: float | None = None) -> None:
        """Keep the answer; say its error and status."""
        self.status = status
        self.document = dict(document)
        self.error = _known(_OAUTH_ERROR, document.get("error"))
        self.description = _text(document, "error_description")
        self.retry_after_s = retry_after_s
        super().__init__(f"No token was given: {self.error} (HTTP {status}).")


_BY_CODE: Mapping[str, type[ProblemError]] = {
    "idempotency-key-in-flight": KeyInFlightError,
    "idempotency-key-reused": KeyReusedError,
    "source-needed": SourceNeededError,
    "source-not-known": SourceNotKnownError,
}
_KINDS: Mapping[int, type[ProblemError]] = {
    HTTPStatus.BAD_REQUEST: BadRequestError,
    HTTPStatus.METHOD_NOT_ALLOWED: BadRequestError,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: BadRequestError,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: BadRequestError,
    HTTPStatus.GONE: GoneError,
    HTTPStatus.INTERNAL_SERVER_ERROR: FaultError,
    HTTPStatus.UNAUTHORIZED: NotSignedInError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.CONFLICT: RuleViolationError,
    HTTPStatus.PRECONDITION_FAILED: StaleVersionError,
    HTTPStatus.UNPROCESSABLE_ENTITY: InvalidInputError,
    HTTPStatus.PRECONDITION_REQUIRED: PreconditionRequiredError,
    HTTPStatus.TOO_MANY_REQUESTS: BusyError,
    HTTPStatus.SERVICE_UNAVAILABLE: BusyError,
}


def problem_of(status: int, document: Mapping[str, Any], *, retry_after_s: float | None = None) -> ProblemError:
    """Give the error of a problem document; an unknown status is a plain ``ProblemError``."""
    kind, by_code = _KINDS.get(status, ProblemError), _BY_CODE.get(str(document.get("code")))
    # A code that contradicts its status is not believed: whoever catches a family must be able to rely on it.
    is_of_its_kind = by_code is not None and kind is not ProblemError and issubclass(by_code, kind)
    chosen = by_code if by_code is not None and is_of_its_kind else kind
    return chosen(status, document, retry_after_s=retry_after_s)


def _known(form: re.Pattern[str], value: object) -> str:
    """Give a code of the expected form; what has another form might say anything."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_CODE and form.fullmatch(value) else "unknown"


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
