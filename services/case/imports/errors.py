"""What is refused about imports, and how to mend it."""

from collections.abc import Iterable

from shared.kernel.errors import InvalidInputError, RuleViolationError, TemporarilyUnavailableError


class EmptyUploadError(InvalidInputError):
    """An upload without a file."""

    code = "empty-upload"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__("There is no file. Send the export itself as the body.")


class SandboxFileError(InvalidInputError):
    """A file was sent to a sandbox by somebody who did not say that its people are invented."""

    code = "sandbox-file"

    def __init__(self) -> None:
        """Say plainly what a sandbox is, and how to go on."""
        sentence = (
            "This is a sandbox: developers look at what is in it, and nothing in it is ever counted. A file about real "
            "people must not come here. If everybody in this file is invented, say so with invented=true (on the page: "
            "tick the box; on the command line: --invented)."
        )
        super().__init__(sentence, ({"pointer": "#/invented", "code": self.code, "detail": sentence},))


class ReadersBusyError(TemporarilyUnavailableError):
    """As many large files or spreadsheets are being read as this process reads at once."""

    code = "readers-busy"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "Other large files are being read here at this moment, and nothing of this one was taken. Wait as long as "
            "Retry-After says, then send it again."
        )


class NoSuchMappingError(InvalidInputError):
    """Nothing approved here, and nothing that comes with the software, has the name of the profile."""

    code = "no-such-mapping"

    def __init__(self) -> None:
        """Say how to mend it."""
        sentence = "There is no such mapping profile. Leave it out, and the columns decide."
        super().__init__(sentence, ({"pointer": "#/profile", "code": self.code, "detail": sentence},))


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


class NoPlanError(RuleViolationError):
    """An import that was not planned, whose plan is being made, or whose plan has expired."""

    code = "no-plan"

    def __init__(self) -> None:
        """Say how to get one."""
        super().__init__(
            "There is no plan of this import: it is still being made, it has expired, or the file was imported "
            "without one. Look at the import's state; upload the file with mode=plan for a new plan."
        )


class NotPlannedError(RuleViolationError):
    """An import in whose state nothing can be committed."""

    code = "not-planned"

    def __init__(self, state: str) -> None:
        """Name the state."""
        super().__init__(
            f"This import is {state}, and only one that is PLANNED can be committed. Look at it again, or upload the "
            "file with mode=plan."
        )


class OtherPlanError(RuleViolationError):
    """A commit of a plan that is not this import's newest."""

    code = "other-plan"

    def __init__(self) -> None:
        """Say what to look at."""
        super().__init__(
            "This is not the hash of the import's newest plan, and nothing was carried out. Read the plan again, and "
            "commit the one that you have looked at."
        )


class TooLateToUndoError(RuleViolationError):
    """An import that cannot be undone: not planned, not carried out, undone already, or older than a day."""

    code = "cannot-undo"

    def __init__(self) -> None:
        """Say what can be done instead."""
        super().__init__(
            "Only an import that was planned and committed can be undone, within 24 hours of its end. Correct single "
            "records by a further file, or in the case file itself."
        )
