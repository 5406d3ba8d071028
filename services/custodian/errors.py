"""What the custodian refuses."""

from shared.kernel.errors import PoisonMessageError, TemporarilyUnavailableError


class ReportRefusedError(PoisonMessageError):
    """A seed that cannot be taken; nothing else is disturbed, and the board leaves its host out.

    Attributes:
        reason: A code of the list report_refusal.
    """

    code = "report-refused"

    def __init__(self, reason: str) -> None:
        """Keep the reason as a code."""
        super().__init__("The report is refused. The board leaves its host out of this period.")
        self.reason = reason


class TaskRefusedError(PoisonMessageError):
    """A proposed task that the custodian does not serve.

    Attributes:
        code: ``task-refused``.
    """

    code = "task-refused"

    def __init__(self, why: str) -> None:
        """Say what is wrong with the task."""
        super().__init__(f"The custodian does not serve this task: {why}. Correct it and propose it again.")


class SecondOpeningError(PoisonMessageError):
    """A sum for a task that has one, or over another cohort; nothing is opened."""

    code = "second-opening"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__(
            "A task is opened once, over exactly the cohort that both servers stored. Nothing was opened this time."
        )


class NotClosedYetError(TemporarilyUnavailableError):
    """The board's list came before this server's own closing time."""

    code = "not-closed-yet"

    def __init__(self) -> None:
        """Say what will happen."""
        super().__init__("This task has not closed here yet. The list is tried again; nobody has to do anything.")
