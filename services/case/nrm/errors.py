"""What is refused about the NRM, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class NrmDayError(InvalidInputError):
    """A day that cannot be right."""

    code = "nrm-day"

    def __init__(self, field: str, sentence: str) -> None:
        """Point at the field."""
        self.field = field
        super().__init__(sentence, ({"pointer": f"#/{field}", "code": self.code, "detail": sentence},))


class NrmCorrectedError(RuleViolationError):
    """An entry is corrected once; then it is its correction that can be corrected."""

    code = "nrm-corrected"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This was corrected or taken back already. Load it again, and correct what stands now.")


class TooMuchOfTheNrmError(RuleViolationError):
    """More is written down of one person than anybody could read."""

    code = "nrm-too-much"

    def __init__(self, most: int) -> None:
        """Say how much."""
        super().__init__(f"Of this person {most} entries are written down already. Correct one that stands instead.")


class NoSuchDeadlineError(RuleViolationError):
    """The time does not run any more."""

    code = "nrm-no-deadline"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This time does not run any more: something was written down meanwhile. Load the page again.")


class PlannedAlreadyError(RuleViolationError):
    """There is a step for it."""

    code = "nrm-planned"

    def __init__(self) -> None:
        """Say where it is."""
        super().__init__("This was put on the list already. Find it under what is to be done, or add another there.")
