"""What is refused about what is kept in codes, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class DayInFutureError(InvalidInputError):
    """What has not been yet cannot be written down."""

    code = "day-in-future"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "This day has not come yet. Give the day on which it was, or leave it out."
        super().__init__(sentence, ({"pointer": "#/on", "code": self.code, "detail": sentence},))


class AlreadyCorrectedError(RuleViolationError):
    """It is corrected once; then it is its correction that can be corrected."""

    code = "already-corrected"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This was corrected or taken back already. Load it again, and correct what stands now.")


class WrittenByAnotherError(RuleViolationError):
    """Somebody else wrote it."""

    code = "written-by-another"

    def __init__(self) -> None:
        """Say who can."""
        super().__init__("Only whoever wrote this, or a supervisor, can correct it. Ask one of them.")
