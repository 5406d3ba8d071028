"""What is refused about papers, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class NotSafeNowError(RuleViolationError):
    """The paper is shown only where they are in private, and nobody makes them ask."""

    code = "paper-not-safe-now"

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__(
            "Nothing is shown now. Agree another time and place at which they are alone with you and safe; if somebody "
            "may be making them ask, speak with your safeguarding lead first. Do not tell that person of a list."
        )


class WithholdingMisstatedError(InvalidInputError):
    """An end that cannot be, or entries that are not all of one person's record."""

    code = "withholding-misstated"

    def __init__(self, pointer: str, sentence: str) -> None:
        """Point at the field."""
        super().__init__(sentence, ({"pointer": pointer, "code": self.code, "detail": sentence},))


class WithholdingStateError(RuleViolationError):
    """It was agreed to, or it ended, already."""

    code = "withholding-state"

    def __init__(self, sentence: str) -> None:
        """Say which."""
        super().__init__(sentence)


class SecondReaderError(RuleViolationError):
    """Nobody withholds alone, and nobody what they did themself."""

    code = "withholding-second-person"

    def __init__(self, sentence: str) -> None:
        """Say who can."""
        super().__init__(sentence)
