"""What is refused about restrictions, and how to go on."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class NotOfThisCaseError(RuleViolationError):
    """A restriction follows from a request of the person's that is open and whose clock goes."""

    code = "restriction-not-asked"

    def __init__(self) -> None:
        """Say what is needed."""
        super().__init__(
            "A restriction follows from a request of this person's: to have the use restricted, to have something put "
            "right, or an objection. This case is of another kind, has ended, or its clock stands. Take their request "
            "down, or let the clock go on."
        )


class RestrictedAlreadyError(RuleViolationError):
    """One holds."""

    code = "restricted-already"

    def __init__(self) -> None:
        """Say where it stands."""
        super().__init__("The use of this person's record is restricted already. See Restrictions.")


class NotRestrictedError(RuleViolationError):
    """None holds."""

    code = "not-restricted"

    def __init__(self) -> None:
        """Say how to read it."""
        super().__init__("The use of this person's record is not restricted. You find it where you always do.")


class RestrictionLiftedError(RuleViolationError):
    """It was lifted."""

    code = "restriction-lifted"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This restriction was lifted already. If they ask again, take it down as a new request.")


class LiftIncompleteError(InvalidInputError):
    """Before it is lifted the person is told, or it is said why that is not safe."""

    code = "restriction-lift-incomplete"

    def __init__(self, pointer: str, sentence: str) -> None:
        """Point at the field."""
        super().__init__(sentence, ({"pointer": pointer, "code": self.code, "detail": sentence},))


class OpeningOverError(RuleViolationError):
    """What was opened for the sake of a life is open for an hour, and for whoever opened it."""

    code = "vital-opening-over"

    def __init__(self) -> None:
        """Say how to go on."""
        super().__init__("The hour is over. If a life still depends on it, say so again under Restrictions.")
