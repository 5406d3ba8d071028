"""What is refused about contacts, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class ContactInFutureError(InvalidInputError):
    """A contact that has not taken place yet is none."""

    code = "contact-in-future"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "This day has not come yet. Give the day on which the contact took place."
        super().__init__(sentence, ({"pointer": "#/on", "code": self.code, "detail": sentence},))


class ContactCorrectedError(RuleViolationError):
    """A contact is corrected once; then it is its correction that can be corrected."""

    code = "contact-corrected"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This contact was corrected or taken back already. Load it again, and correct what stands now."
        )


class OthersContactError(RuleViolationError):
    """Somebody else wrote this contact."""

    code = "others-contact"

    def __init__(self) -> None:
        """Say who can."""
        super().__init__("Only whoever wrote this contact, or a supervisor, can correct it. Ask one of them.")
