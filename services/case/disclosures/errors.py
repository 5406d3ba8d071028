"""What is refused about giving something of a person out, and how to go on."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class NotPermittedError(RuleViolationError):
    """There is no permission, or none that lasts."""

    code = "disclosure-not-permitted"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "Nothing may be given out: there is no permission that lasts. Load it again to see why, and do what stands "
            "there; then ask again. A permission lasts five minutes."
        )


class NotWhatWasAskedError(RuleViolationError):
    """What is kept is not what consent was asked about."""

    code = "disclosure-not-what-was-asked"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This is not what was permitted, so nothing may be given out. Begin a new one, and tell your data "
            "protection officer: somebody may have changed what is kept."
        )


class DisclosureHeldError(RuleViolationError):
    """Something about the person comes before any yes of theirs."""

    code = "disclosure-held"

    def __init__(self, sentence: str) -> None:
        """Say what comes first."""
        super().__init__(sentence)


class NoSafeContactError(InvalidInputError):
    """Nobody wrote down how the person is reached safely, so nobody else may be told."""

    code = "disclosure-no-safe-contact"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = (
            "How to reach this person safely is not written down. Ask them first, or say that the recipient "
            "reaches them only through you."
        )
        super().__init__(sentence, ({"pointer": "#/contact", "code": self.code, "detail": sentence},))


class StillAskedError(RuleViolationError):
    """It waits for an answer, or there is one that still lasts."""

    code = "disclosure-still-asked"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This was asked already. Load it again: the answer comes within seconds, and lasts five minutes."
        )


class GivenAlreadyError(RuleViolationError):
    """It was given."""

    code = "disclosure-given"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This was given already. To give something else, or again, begin a new one.")


class AskedTooOftenError(RuleViolationError):
    """It was asked about as often as one may."""

    code = "disclosure-asked-too-often"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This was asked about too often. Begin a new one once the person has said yes.")


class TooManyError(RuleViolationError):
    """More is given of one person for one purpose than a no could be carried out for."""

    code = "disclosure-too-many"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "Too much is given of this person for this purpose. Speak with your data protection officer before you "
            "give more."
        )


class NobodyToTellError(RuleViolationError):
    """No permission of what was given has ended, or they were told."""

    code = "disclosure-nobody-to-tell"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "Nobody has to be told of this: it was not given, its yes still stands, or what they answered is noted."
        )
