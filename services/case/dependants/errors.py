"""What is refused about the question whether children depend on somebody, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class AskAgainMisplannedError(InvalidInputError):
    """Nobody would ask again on that day."""

    code = "ask-again-misplanned"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "Give a day from today on, at most a year ahead."
        super().__init__(sentence, ({"pointer": "#/ask_again_on", "code": self.code, "detail": sentence},))


class TooManyAnswersError(RuleViolationError):
    """It was answered as often as may be."""

    code = "too-many-answers"

    def __init__(self, most: int) -> None:
        """Say the bound."""
        super().__init__(f"This was answered {most} times already. Speak with your safeguarding lead.")
