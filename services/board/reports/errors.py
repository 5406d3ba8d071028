"""What the board refuses of a report."""

from shared.kernel.errors import PoisonMessageError


class ReportRefusedError(PoisonMessageError):
    """A report that cannot be taken; its host is told, and nothing else is disturbed.

    Attributes:
        code: ``report-refused``.
        reason: A code of the list report_refusal.
    """

    code = "report-refused"

    def __init__(self, reason: str) -> None:
        """Keep the reason as a code."""
        super().__init__("The report is refused. Its host is told why, and should ask its operator.")
        self.reason = reason
