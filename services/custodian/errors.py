"""What the custodian refuses."""

from shared.kernel.errors import PoisonMessageError, TemporarilyUnavailableError


class ReportRefusedError(PoisonMessageError):
    """A seed that cannot be taken; it is parked.

    Attributes:
        code: ``report-unknown-task``, ``report-wrong-host``, ``report-late`` or ``report-second``.
    """

    def __init__(self, code: str) -> None:
        """Keep the reason as the code."""
        super().__init__("The report is refused.")
        self.code = code


class SecondOpeningError(PoisonMessageError):
    """A sum for a task that has one, or over another cohort; nothing is opened."""

    code = "second-opening"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__("A task is opened once, over exactly the cohort that both servers stored.")


class NotClosedYetError(TemporarilyUnavailableError):
    """The board's list came before this server's own closing time."""

    code = "not-closed-yet"

    def __init__(self) -> None:
        """Say what will happen."""
        super().__init__("This task has not closed here yet; the list is looked at again.")
