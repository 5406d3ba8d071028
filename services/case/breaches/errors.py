"""What is refused about breaches, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class BreachClosedError(RuleViolationError):
    """It is closed."""

    code = "breach-closed"

    def __init__(self) -> None:
        """Say what to do with what is found later."""
        super().__init__("This breach is closed. If more of it is found, take it down as a new one.")


class BreachMisjudgedError(InvalidInputError):
    """What was in it, when it was, or how it is judged does not fit together."""

    code = "breach-misjudged"

    def __init__(self, pointer: str, sentence: str) -> None:
        """Point at the field."""
        super().__init__(sentence, ({"pointer": pointer, "code": self.code, "detail": sentence},))


class BreachNotDoneError(RuleViolationError):
    """Somebody has still to be told."""

    code = "breach-not-done"

    def __init__(self, sentence: str) -> None:
        """Say who."""
        super().__init__(sentence)


class TooManyTouchedError(RuleViolationError):
    """A breach names at most so many people."""

    code = "breach-too-many"

    def __init__(self, most: int) -> None:
        """Say how to go on."""
        super().__init__(f"A breach names at most {most} people. Take the others down as a second breach.")
