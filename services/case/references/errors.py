"""What is refused about references, and how to mend it."""

from shared.kernel.errors import InvalidInputError


class SourceNotKnownError(InvalidInputError):
    """No record of this system is known here, and others are: a slip of the pen would make everybody a second time."""

    code = "source-not-known"

    def __init__(self) -> None:
        """Say how to mend it."""
        sentence = (
            "No record of this system is known here yet, and those of others are. Correct source, or say "
            "new_source: true with the first record of a system that is really new."
        )
        super().__init__(sentence, ({"pointer": "#/source", "code": self.code, "detail": sentence},))


class ReferenceUnusableError(InvalidInputError):
    """Nobody could be known again by this reference: a spreadsheet shortened it, or it begins like a formula."""

    code = "reference-unusable"

    def __init__(self, why: str) -> None:
        """Say what is wrong with it."""
        super().__init__(why, ({"pointer": "#/reference", "code": self.code, "detail": why},))
