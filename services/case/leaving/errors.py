"""What is refused about leaving, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class LeavingStateError(RuleViolationError):
    """It does not stand where this could be done."""

    code = "leaving-state"

    def __init__(self, sentence: str) -> None:
        """Say where it stands, and what can be done there."""
        super().__init__(sentence)


class SecondOfTheHostError(RuleViolationError):
    """One person cannot take everything out alone."""

    code = "leaving-second-person"

    def __init__(self) -> None:
        """Say who can."""
        super().__init__("You asked for this yourself, so another administrator has to agree.")


class NotARecipientError(InvalidInputError):
    """What was given is no public key."""

    code = "leaving-recipient"

    def __init__(self) -> None:
        """Say what one looks like, and never what was given: it might be the secret half."""
        sentence = (
            "This is not the public key of an age identity. One has 62 characters and begins with age1; "
            "`alongside backup-key` prints it. Never give the line that begins with AGE-SECRET-KEY."
        )
        super().__init__(sentence, ({"pointer": "#/recipient", "code": self.code, "detail": sentence},))


class NotAgreedError(RuleViolationError):
    """Two people of the host did not agree that everything is written out, or not to this key."""

    code = "leaving-not-agreed"

    def __init__(self, sentence: str) -> None:
        """Say what is missing."""
        super().__init__(sentence)
