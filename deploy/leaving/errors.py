"""What can be wrong with a package of a host that leaves; each says what mends it."""

from datetime import datetime
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


class PeriodOpenError(RuleViolationError):
    """Figures that a data lead signed are on their way."""

    code = "leaving-period-open"

    def __init__(self, period: str, closes_at: datetime) -> None:
        """Say which period, and from when on it can be done."""
        super().__init__(
            f"The figures for {period} are signed and on their way to board and custodian until {closes_at:%d %B %Y}. "
            "Nothing was deleted. Run it again after that day; what is not signed needs no waiting: the host is then "
            "counted as not sent."
        )


class DeletedBeforeError(RuleViolationError):
    """A host of this id was deleted here, or is being deleted."""

    code = "leaving-deleted"

    def __init__(self, tenant: str) -> None:
        """Say what to do instead."""
        super().__init__(
            f"A host with the id {tenant} was deleted here, and its log is known to board and custodian. Choose "
            "another id for a new host."
        )


class NotGoneError(TemporarilyUnavailableError):
    """What was deleted is still there."""

    code = "leaving-not-gone"

    def __init__(self, what: str) -> None:
        """Say what."""
        super().__init__(f"{what} is still there. Run the same command again: it goes on where it stands.")


class PackageUnreadableError(RuleViolationError):
    """What lies there cannot be read as a package."""

    code = "leaving-package-unreadable"

    def __init__(self, what: str) -> None:
        """Say what does not hold, never what stands in it."""
        super().__init__(f"{what} Nothing was changed. Take another copy, or ask for the package once more.")
