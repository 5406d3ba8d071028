"""What sign-in and passwords refuse, and how to mend it."""

from http import HTTPStatus

from shared.kernel.errors import InvalidInputError, RuleViolationError, TooManyRequestsError


class WeakPasswordError(InvalidInputError):
    """A password has a least length, and is not the login."""

    code = "weak-password"

    def __init__(self, shortest: int, longest: int) -> None:
        """Say the rule."""
        super().__init__(
            f"A password has {shortest} to {longest} characters, is not the login, and is not one that many people "
            "use, because "
            "such passwords are tried first. A few words that have nothing to do with each other are good."
        )


class WrongPasswordError(RuleViolationError):
    """The present password does not fit, so no new one is taken."""

    code = "wrong-password"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The present password is not right, or too many were tried. Check it; if that does not help, "
            "wait a quarter of an hour."
        )


class BusyError(TooManyRequestsError):
    """More passwords are being checked than there is room for; HTTP 429."""

    code = "sign-in-busy"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Many people are signing in at this moment. Try again in a few seconds.", retry_after_s=5)


class GrantRefusedError(RuleViolationError):
    """No token is given. Shown as RFC 6749, 5.2 has it, not as a problem document.

    Attributes:
        oauth_error: Code of that list, such as ``invalid_grant``.
        status: HTTP status.
        retry_after_s: Seconds after which another attempt makes sense, or None.
    """

    code = "grant-refused"

    def __init__(
        self,
        oauth_error: str,
        description: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        retry_after_s: int | None = None,
    ) -> None:
        """Keep what the answer needs."""
        super().__init__(description)
        self.oauth_error = oauth_error
        self.status = status
        self.retry_after_s = retry_after_s
