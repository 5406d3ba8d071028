"""What is refused about who may act on a survivor, and how to mend it."""

from shared.kernel.errors import RuleViolationError


class SupervisorAssignsError(RuleViolationError):
    """An advocate cannot hand a survivor to another advocate."""

    code = "supervisor-assigns"

    def __init__(self) -> None:
        """Say who can."""
        super().__init__("Only a supervisor decides which other advocate may act on a survivor. Ask your supervisor.")


class NotAnAdvocateError(RuleViolationError):
    """Nobody of this id is an active advocate here."""

    code = "not-an-advocate"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__(
            "This id is not that of an active advocate of this organisation. Choose one of its advocates, or ask an "
            "administrator to give that person the role first."
        )
