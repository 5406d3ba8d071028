"""What can be wrong with a package of a host that leaves; each says what mends it."""

from pathlib import Path

from shared.kernel.errors import RuleViolationError, TemporarilyUnavailableError


class PackagePlaceTakenError(RuleViolationError):
    """Something is at the place of the package already."""

    code = "leaving-place-taken"

    def __init__(self, folder: Path) -> None:
        """Name it."""
        super().__init__(f"{folder} is there already, and nothing was written. Name a folder that is not there yet.")


class ErasedMeanwhileError(TemporarilyUnavailableError):
    """Somebody was erased while the package was written, so it was deleted again."""

    code = "leaving-erased-meanwhile"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "Somebody was erased while this was written, so all of it was deleted again: nobody who is erased may "
            "stand in it. Run it again."
        )


class PackageUnreadableError(RuleViolationError):
    """What lies there cannot be read as a package."""

    code = "leaving-package-unreadable"

    def __init__(self, what: str) -> None:
        """Say what does not hold, never what stands in it."""
        super().__init__(f"{what} Nothing was changed. Take another copy, or ask for the package once more.")
