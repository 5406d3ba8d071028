"""What is refused about copies, and how to mend it."""

from shared.kernel.errors import GoneError, InvalidInputError, NotFoundError, RuleViolationError


class NotAnAccessCaseError(RuleViolationError):
    """Only what somebody asked to see is collected, and only while they wait for it."""

    code = "access-no-such-request"

    def __init__(self) -> None:
        """Say when it can be collected."""
        super().__init__(
            "A copy is collected for a request to see what is kept, while it is open and its clock goes. Take such a "
            "request down first, or let its clock go on."
        )


class CollectionEndedError(GoneError):
    """It was deleted: its days are over, the request was taken back, or the person was erased."""

    code = "access-copy-gone"

    def __init__(self) -> None:
        """Say how to go on."""
        super().__init__(
            "This copy is deleted: its days are over, the request ended without it, or the person was erased. While "
            "the request is open you can collect it again, and read it through again."
        )


class NoSuchCopyPartError(NotFoundError):
    """Nobody is asked for such a part."""

    code = "access-no-such-part"

    def __init__(self) -> None:
        """Say where the parts are listed."""
        super().__init__("There is no such part in this copy. The copy's own page lists those that there are.")


class PartNotThereError(RuleViolationError):
    """The part has not come yet."""

    code = "access-part-not-there"

    def __init__(self) -> None:
        """Say that it is asked for again."""
        super().__init__("This part has not come yet. Whoever keeps it is asked again by itself; look again later.")


class CopyGivenError(RuleViolationError):
    """It was given: what it says is not changed afterwards."""

    code = "access-copy-given"

    def __init__(self) -> None:
        """Say how to make another one."""
        super().__init__("This copy was given already, so it stays as it is. Collect it again to make another one.")


class LeftOutMisstatedError(InvalidInputError):
    """Things that are not there, or none and not the whole part either."""

    code = "access-left-out-misstated"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "Name the things by their numbers in this part, or say that the whole part is left out; not both."
        super().__init__(sentence, ({"pointer": "#/numbers", "code": self.code, "detail": sentence},))


class TooMuchLeftOutError(RuleViolationError):
    """More often than a copy has room for."""

    code = "access-left-out-too-often"

    def __init__(self, most: int) -> None:
        """Say the bound."""
        super().__init__(f"Something is left out of this copy {most} times already. Leave several things out at once.")


class SecondReaderNeededError(RuleViolationError):
    """Nobody leaves something out alone, and nobody what they wrote themself."""

    code = "access-second-reader"

    def __init__(self, sentence: str) -> None:
        """Say who can."""
        super().__init__(sentence)


class AgreedAlreadyError(RuleViolationError):
    """A second reader agreed to it."""

    code = "access-agreed"

    def __init__(self) -> None:
        """Say what is left to do."""
        super().__init__("A second reader agreed to this already. If it should be shown after all, show it again.")


class CopyNotReadyError(RuleViolationError):
    """Somebody has not answered, a part was not read through, or a second reader is waited for."""

    code = "access-copy-not-ready"

    def __init__(self, sentence: str) -> None:
        """Say what is missing."""
        super().__init__(sentence)


class NotSafeToSendError(RuleViolationError):
    """Nobody made sure today that it is safe for them to have it."""

    code = "access-not-safe-to-send"

    def __init__(self, sentence: str) -> None:
        """Say what to do first."""
        super().__init__(sentence)
