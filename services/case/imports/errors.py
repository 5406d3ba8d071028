"""What is refused about imports, and how to mend it."""

from collections.abc import Iterable

from shared.kernel.errors import InvalidInputError, TemporarilyUnavailableError


class EmptyUploadError(InvalidInputError):
    """An upload without a file."""

    code = "empty-upload"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__("There is no file. Send the CSV export itself as the body.")


class SourceNeededError(InvalidInputError):
    """A host with several systems has to say whose references a file has: the same one is another person there."""

    code = "source-needed"

    def __init__(self, known: Iterable[str]) -> None:
        """Name the systems."""
        sentence = (
            "Files of several systems were imported here, and a reference belongs to its system. Name the system that "
            f"this file comes from: {', '.join(sorted(known))}, or a new name."
        )
        super().__init__(sentence, ({"pointer": "#/source", "code": self.code, "detail": sentence},))


class ImportTakenError(TemporarilyUnavailableError):
    """Another process is carrying out this import; it goes on from where the file stands now."""

    code = "import-taken"

    def __init__(self) -> None:
        """Say what happens next."""
        super().__init__("Another process is carrying out this import. Look at its state again in a minute.")
