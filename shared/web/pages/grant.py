"""What a sign-in page needs of whoever knows the passwords."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from shared.kernel.errors import AlongsideError

Why = Literal["WRONG", "TOO_MANY", "CHOOSE_ROLE", "AWAY"]


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What somebody typed.

    Attributes:
        role: Which of their roles; None where they have one.
    """

    username: str
    password: str = field(repr=False)
    role: str | None


class GrantFailedError(AlongsideError):
    """No session is given.

    Attributes:
        why: ``WRONG`` credentials, ``TOO_MANY`` attempts, a role to choose, or the register is ``AWAY``.
        retry_after_s: Seconds after which another attempt makes sense, or None.
    """

    code = "grant-failed"

    def __init__(self, why: Why, *, retry_after_s: int | None = None) -> None:
        """Keep what the page says."""
        super().__init__("No session is given.")
        self.why = why
        self.retry_after_s = retry_after_s


class Grant(Protocol):
    """Gives the tokens that a session holds."""

    def token(self, credentials: Credentials) -> str:
        """Give a signed token, the same that the token endpoint gives.

        Raises:
            GrantFailedError: No session.
        """

    def renew(self, token: str) -> str:
        """Give the next token of a browser's session that is in use.

        Raises:
            GrantFailedError: The person may not act any more, or signed in too long ago.
        """


def why_refused(status: int, oauth_error: str) -> Why:
    """Read a token endpoint's refusal (RFC 6749, 5.2): there, ``invalid_request`` is a role that must be chosen."""
    if status == 429:  # noqa: PLR2004  Too Many Requests.
        return "TOO_MANY"
    if status >= 500:  # noqa: PLR2004  The server's own fault.
        return "AWAY"
    return "CHOOSE_ROLE" if oauth_error == "invalid_request" else "WRONG"
