"""Six error families; the edges (HTTP, consumer, CLI) map only these and nothing else.

An error carries data and builds its own message. A message never holds personal data: it may name a
field, a code list, a row number or an id, never a value a person gave.
"""


class AlongsideError(Exception):
    """Root of every error we raise on purpose.

    Attributes:
        code: Stable kebab-case name of the error, documented in docs/reference/errors.md.
    """

    code = "error"


class RuleViolationError(AlongsideError):
    """A rule of the domain forbids this; HTTP 409. Retrying unchanged will not help."""

    code = "rule-violation"


class NotFoundError(AlongsideError):
    """There is no such thing, or the caller may not know of it; HTTP 404."""

    code = "not-found"


class GoneError(AlongsideError):
    """There was such a thing, and it was given up for its age; HTTP 410. The message says how to go on without it."""

    code = "gone"


class NotTheirsError(NotFoundError):
    """The caller's role would allow it, but this is somebody else's; the answer is that there is nothing here."""


class InvalidInputError(AlongsideError):
    """The input breaks its schema; HTTP 422.

    Attributes:
        problems: One entry for each field: JSON pointer, code and a sentence that says how to mend it.
    """

    code = "invalid-input"

    def __init__(self, detail: str, problems: tuple[dict[str, str], ...] = ()) -> None:
        """Keep the field problems for the edge that shows them."""
        super().__init__(detail)
        self.problems = problems


class PoisonMessageError(AlongsideError):
    """A message that no retry can help; it is parked at once with this error's code as the reason."""

    code = "poison-message"


class TemporarilyUnavailableError(AlongsideError):
    """Something that we need does not answer now; HTTP 503, or a later retry of a message."""

    code = "temporarily-unavailable"


class TooManyRequestsError(TemporarilyUnavailableError):
    """More is asked of one thing than it has room for; HTTP 429 at once instead of a long wait.

    Attributes:
        retry_after_s: Seconds after which another attempt makes sense.
    """

    code = "too-many-requests"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        """Keep when to come again."""
        super().__init__(detail)
        self.retry_after_s = retry_after_s
