"""What a caller is told while too much waits, the database does not answer, or this machine's clock is wrong."""

from shared.kernel.errors import TemporarilyUnavailableError


class OverloadedError(TemporarilyUnavailableError):
    """Commands wait so long that one more would only wait in vain; nothing was done. Repeat with the same key."""

    code = "overloaded"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Too much is being written at this moment. Repeat the request with the same Idempotency-Key.")


class DatabaseAwayError(TemporarilyUnavailableError):
    """The database did not take the command in time; nothing was half done. Repeat with the same key."""

    code = "database-away"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The database did not answer in time. Repeat the request with the same Idempotency-Key.")


class OutcomeUnknownError(TemporarilyUnavailableError):
    """The database did not say in time whether it was done: either wholly, or not at all."""

    code = "outcome-unknown"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The database did not say in time whether this was done. Repeat the request with the same "
            "Idempotency-Key; without one, check first whether it was done."
        )


class ClockWrongError(TemporarilyUnavailableError):
    """This machine's clock is more than two seconds from the database server's; nothing was done."""

    code = "clock-wrong"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This server's clock is wrong by more than two seconds, so nothing is recorded now. Ask whoever runs the "
            "service to set the clock, then repeat the request with the same Idempotency-Key."
        )
