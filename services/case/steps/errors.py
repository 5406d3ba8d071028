"""What is refused about steps, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class DueInPastError(InvalidInputError):
    """Nothing new can be due on a day that is over."""

    code = "due-in-past"

    def __init__(self, field: str) -> None:
        """Point at the field."""
        sentence = "This day is over. Give today or a later day, or leave it out."
        super().__init__(sentence, ({"pointer": f"#/{field}", "code": self.code, "detail": sentence},))


class StepEndedError(RuleViolationError):
    """The step is done or dropped already."""

    code = "step-ended"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This is done or dropped already. Load it again; if it comes up again, add it again.")


class ReviewAgreedError(RuleViolationError):
    """A review is agreed already."""

    code = "review-agreed"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("A review is agreed already. Move it to another day, or drop it and agree a new one.")


class TooManyStepsError(RuleViolationError):
    """Nobody can keep so many in view."""

    code = "too-many-steps"

    def __init__(self, most: int) -> None:
        """Say the bound."""
        super().__init__(
            f"For this person {most} steps are open already. Mark what is done, or drop what is not wanted."
        )
