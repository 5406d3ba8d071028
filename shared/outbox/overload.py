"""What a caller is told while too much waits."""

from shared.kernel.errors import TemporarilyUnavailableError


class OverloadedError(TemporarilyUnavailableError):
    """Commands wait so long that one more would only wait in vain; nothing was done. Repeat with the same key."""

    code = "overloaded"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Too much is being written at this moment. Repeat the request with the same Idempotency-Key.")
