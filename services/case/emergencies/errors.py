"""What is refused about emergency access, and how to go on; nothing here says of anybody whether they are known."""

from shared.kernel.errors import InvalidInputError, RuleViolationError, TooManyRequestsError


class EmergencyTooOftenError(TooManyRequestsError):
    """One person opened, or tried, as often as anybody may on one day."""

    code = "emergency-too-often"

    def __init__(self) -> None:
        """Say whom to ask; the same whatever was tried, so that it tells nothing of anybody."""
        super().__init__(
            "You opened or tried as many records today as one person may. Ask a supervisor: they can look at every "
            "record. If somebody is in danger now, ring 999.",
            retry_after_s=3600,
        )


class ActsAlreadyError(RuleViolationError):
    """Whoever asks may act on this person anyway."""

    code = "emergency-not-needed"

    def __init__(self) -> None:
        """Say where the record is."""
        super().__init__("You may act on this person. You find them where you always do.")


class EmergencyOverError(RuleViolationError):
    """The hour is over."""

    code = "emergency-over"

    def __init__(self) -> None:
        """Say how to go on."""
        super().__init__("The hour is over. If somebody is still in danger, say so again under Emergency.")


class EmergencyReviewedError(RuleViolationError):
    """Somebody looked at it already."""

    code = "emergency-reviewed"

    def __init__(self) -> None:
        """Say where to see it."""
        super().__init__("Somebody looked at this already. Load it again to see what they found.")


class OwnEmergencyError(RuleViolationError):
    """Whoever opened it does not judge it."""

    code = "emergency-own"

    def __init__(self) -> None:
        """Say who does."""
        super().__init__(
            "You opened it yourself. Somebody else looks at it: the safeguarding lead or the data protection officer."
        )


class NeverNamedError(RuleViolationError):
    """Whoever acts on somebody is not named as never opening their record in an emergency."""

    code = "emergency-acts"

    def __init__(self) -> None:
        """Say what to do first."""
        super().__init__(
            "They act on this person, or cover for somebody who does. Let a supervisor give the person to another "
            "advocate first; then name them here."
        )


class NamedAlreadyError(RuleViolationError):
    """They are named."""

    code = "emergency-named"

    def __init__(self) -> None:
        """Say that nothing is missing."""
        super().__init__("They are named already: they open nothing of this person in an emergency.")


class NotNamedError(RuleViolationError):
    """It was ended."""

    code = "emergency-not-named"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This was ended already. If it is to hold again, name them again.")


class WordsNotKeptError(InvalidInputError):
    """The person was erased, so nothing can be sealed about them."""

    code = "emergency-words-not-kept"

    def __init__(self) -> None:
        """Point at the words."""
        sentence = "This person was erased, so no words about them are kept. Say what you found by the code alone."
        super().__init__(sentence, ({"pointer": "#/words", "code": self.code, "detail": sentence},))


class TooManyNamedError(RuleViolationError):
    """More people of staff are named of one person than are kept."""

    code = "emergency-too-many-named"

    def __init__(self, most: int) -> None:
        """Say the bound."""
        super().__init__(f"{most} colleagues are named of this person, the most that are kept. End one of these first.")
