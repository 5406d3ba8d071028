"""What the custodian refuses of a report."""

from shared.kernel.errors import PoisonMessageError


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
