"""What is refused about visits, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class VisitMisplannedError(InvalidInputError):
    """The times of a visit do not fit, or what was found does not."""

    code = "visit-misplanned"

    def __init__(self, field: str, sentence: str) -> None:
        """Point at the field."""
        super().__init__(sentence, ({"pointer": f"#/{field}", "code": self.code, "detail": sentence},))


class VisitEndedError(RuleViolationError):
    """It is over."""

    code = "visit-ended"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This visit is over. If you go out again, plan it again, so that somebody looks out for you.")


class VisitTooLongError(RuleViolationError):
    """It would last longer than anybody should be out alone."""

    code = "visit-too-long"

    def __init__(self, hours: int) -> None:
        """Say the bound."""
        super().__init__(
            f"A visit lasts at most {hours} hours with all that is added. Ring your supervisor, then plan a new one."
        )


class TooManyVisitsError(RuleViolationError):
    """So many visits to one person are planned already."""

    code = "too-many-visits"

    def __init__(self, most: int) -> None:
        """Say the bound."""
        super().__init__(f"For this person {most} visits are planned already. End those that are over.")


class NoAlarmError(RuleViolationError):
    """No alarm stands."""

    code = "no-alarm"

    def __init__(self) -> None:
        """Say what may have happened."""
        super().__init__("No alarm stands for this visit. Load the list again: somebody may have closed it.")


class OwnAlarmError(RuleViolationError):
    """Nobody answers the alarm about themselves: whoever is in danger may be made to."""

    code = "own-alarm"

    def __init__(self) -> None:
        """Say who does."""
        super().__init__("This alarm is about you. Somebody else speaks with you first, and then closes it.")
