"""What is refused about goals, and how to mend it."""

from shared.kernel.errors import RuleViolationError


class GoalEndedError(RuleViolationError):
    """The goal has ended."""

    code = "goal-ended"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This goal has ended. If they want it again, take it up again first.")


class GoalOpenError(RuleViolationError):
    """The goal has not ended."""

    code = "goal-open"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This goal has not ended, so it cannot be taken up again. Load it again.")
