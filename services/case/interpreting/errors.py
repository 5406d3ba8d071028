"""What is refused about interpreting for somebody, and how to mend it; no name stands in any of it."""

from collections.abc import Sequence

from services.case.interpreting.refusing import REASONS
from shared.kernel.errors import InvalidInputError, RuleViolationError


class WishMisstatedError(InvalidInputError):
    """Nobody from their community may, and nobody said which that is."""

    code = "interpreter-wish-misstated"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "Say which community, in a few words, so that it can be kept away from them."
        super().__init__(sentence, ({"pointer": "#/community", "code": self.code, "detail": sentence},))


class WishChangedError(RuleViolationError):
    """Something else stands by now."""

    code = "interpreter-wish-changed"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Somebody wrote down meanwhile what they need. Load it again, and say what is different.")


class NeverEndedError(RuleViolationError):
    """It stands no more already."""

    code = "never-ended"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This stands no more already. Load the page again to see what stands.")


class TooMuchOfInterpretersError(RuleViolationError):
    """So much is kept already."""

    code = "too-much-of-interpreters"

    def __init__(self, most: int) -> None:
        """Say the bound."""
        super().__init__(f"Of this person {most} are kept already. Ask your supervisor before you add another one.")


class InterpreterRefusedError(RuleViolationError):
    """This interpreter may not."""

    code = "interpreter-refused"

    def __init__(self, refusals: Sequence[str]) -> None:
        """Give every reason in words; codes of ``interpreter_refusal``."""
        reasons = "; ".join(REASONS.get(code, REASONS["UNREADABLE"]) for code in refusals)
        super().__init__(f"This interpreter may not interpret for them: {reasons}. Choose somebody else.")


class BookingPastError(InvalidInputError):
    """An interpreter is booked for what has not been yet."""

    code = "booking-past"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "Give a time that is still to come, at most a year ahead."
        super().__init__(sentence, ({"pointer": "#/at", "code": self.code, "detail": sentence},))


class BookingEndedError(RuleViolationError):
    """It is over, or somebody else has to be found."""

    code = "booking-ended"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This booking cannot be kept: it is over, or somebody else has to be found. Load it again.")


class NotYetError(RuleViolationError):
    """Its time has not come."""

    code = "booking-not-yet"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Its time has not come yet. Say so afterwards, or cancel it.")
