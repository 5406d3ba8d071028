"""What is refused when people are given to another advocate, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class SameAdvocateError(InvalidInputError):
    """Nobody takes over from themself."""

    code = "same-advocate"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "Choose another advocate than the one who has these people now."
        super().__init__(sentence, ({"pointer": "#/to_id", "code": self.code, "detail": sentence},))


class CoverDaysError(InvalidInputError):
    """These are no days on which somebody can cover."""

    code = "cover-days"

    def __init__(self, field: str, most: int) -> None:
        """Point at the day that does not fit."""
        sentence = f"Give a first day from today on, and a last day not before it, at most {most} days later."
        super().__init__(sentence, ({"pointer": f"#/{field}", "code": self.code, "detail": sentence},))


class NobodyToMoveError(RuleViolationError):
    """There is nobody left to give or to cover."""

    code = "nobody-to-move"

    def __init__(self) -> None:
        """Say what that means."""
        super().__init__("Nobody is left whom this could be done for. Load the list again to see how it stands.")


class CoverEndedError(RuleViolationError):
    """The cover is over already."""

    code = "cover-ended"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This cover is over already. Load the list again; nothing more needs to be done.")
