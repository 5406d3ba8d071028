"""What the board refuses, and how to mend it."""

from shared.kernel.errors import PoisonMessageError, RuleViolationError


class TaskExistsError(RuleViolationError):
    """A period has one task; figures are counted once."""

    code = "task-exists"

    def __init__(self, period: str) -> None:
        """Name the period."""
        super().__init__(f"There is a task for {period} already. A period is counted once.")


class RosterTooSmallError(RuleViolationError):
    """Fewer hosts than a cohort needs could never be opened."""

    code = "roster-too-small"

    def __init__(self, minimum: int) -> None:
        """Name the minimum."""
        super().__init__(f"A task needs at least {minimum} hosts on its roster.")


class NothingToPublishError(RuleViolationError):
    """The protected tables of this task are not here, or are published already."""

    code = "nothing-to-publish"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There are no protected tables to publish for this task. Look at the task's state.")


class ReportRefusedError(PoisonMessageError):
    """A report that cannot be taken; it is parked, and the host is shown as needing attention.

    Attributes:
        code: ``report-unknown-task``, ``report-wrong-host``, ``report-late`` or ``report-second``.
    """

    def __init__(self, code: str) -> None:
        """Keep the reason as the code."""
        super().__init__("The report is refused.")
        self.code = code
