"""What is refused about searches, and how to mend it."""

from shared.kernel.errors import InvalidInputError, TemporarilyUnavailableError, TooManyRequestsError


class NothingToFindError(InvalidInputError):
    """Nobody can be found by what was typed."""

    code = "nothing-to-find"

    def __init__(self, pointer: str, sentence: str) -> None:
        """Point at the field; what was typed is not repeated."""
        super().__init__(sentence, ({"pointer": pointer, "code": self.code, "detail": sentence},))


class SearchedTooOftenError(TooManyRequestsError):
    """One person searches faster than people read."""

    code = "searched-too-often"

    def __init__(self, most: int) -> None:
        """Say when to come again."""
        super().__init__(f"{most} searches a minute are the most for one person. Wait a minute.", retry_after_s=60)


class MarkKeyNotReadError(TemporarilyUnavailableError):
    """The key under which people are found was written and is not there to be read."""

    code = "mark-key-not-read"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The key of the search could not be read. Try again in a moment; nothing was written.")
