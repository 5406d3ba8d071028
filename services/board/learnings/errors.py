"""What the board refuses of a learning, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class LearningRefusedError(InvalidInputError):
    """A learning is words, and no figures."""

    code = "learning-refused"

    def __init__(self, most: int) -> None:
        """Say the rule; the text is not repeated."""
        super().__init__(
            f"A learning has 1 to {most} characters and no digit: figures belong in tables. Say it in words."
        )


class LearningApprovedError(RuleViolationError):
    """A learning is approved once."""

    code = "learning-approved"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__("This learning is approved already. There is nothing more to do.")
