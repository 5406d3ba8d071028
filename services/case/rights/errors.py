"""What is refused about rights cases, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class ReceivedOnError(InvalidInputError):
    """A request arrived today or earlier, and not years ago."""

    code = "rights-received-on"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "Give the day on which the request arrived: today or earlier, and within the last year."
        super().__init__(sentence, ({"pointer": "#/received_on", "code": self.code, "detail": sentence},))


class RightsCaseClosedError(RuleViolationError):
    """It has ended."""

    code = "rights-case-closed"

    def __init__(self) -> None:
        """Say what to do with a new one."""
        super().__init__("This rights case has ended. If they ask again, take it down as a new one.")


class ClockStandsError(RuleViolationError):
    """The clock is stopped: first it goes on, or the person takes their request back."""

    code = "rights-clock-stands"

    def __init__(self) -> None:
        """Say how to go on."""
        super().__init__(
            "The clock of this rights case is stopped. Let it go on first. Only the person themselves can end it "
            "meanwhile: that they did not reply ends nothing."
        )


class ClockGoesError(RuleViolationError):
    """The clock is not stopped."""

    code = "rights-clock-goes"

    def __init__(self) -> None:
        """Say that nothing was to be done."""
        super().__init__("The clock of this rights case is not stopped, so there is nothing to let go on.")


class NoMoreTimeError(RuleViolationError):
    """More time is taken once, within the first month."""

    code = "rights-no-more-time"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__(
            "More time can be taken once, and only within the first month: the person has to be told by then. Answer "
            "what can be answered now."
        )


class AcknowledgedAlreadyError(RuleViolationError):
    """They were told already that it has arrived."""

    code = "rights-acknowledged"

    def __init__(self) -> None:
        """Say when it is needed."""
        super().__init__("It is noted already that they were told. A note of progress is what you want now.")


class NotToldError(InvalidInputError):
    """There is no safe way to tell them yet, so nothing is noted as if they had been told."""

    code = "rights-not-told"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = (
            "They have not been told yet, so this cannot be kept as told. Tell them first, by a way that is safe. A "
            "note of progress can say why it has to wait."
        )
        super().__init__(sentence, ({"pointer": "#/told", "code": self.code, "detail": sentence},))


class DecisionIncompleteError(InvalidInputError):
    """What is not done needs its reason, and the way to the ICO; what is done needs neither."""

    code = "rights-decision-incomplete"

    def __init__(self, pointer: str, sentence: str) -> None:
        """Point at the field."""
        super().__init__(sentence, ({"pointer": pointer, "code": self.code, "detail": sentence},))


class ErasureUnderWayError(RuleViolationError):
    """An erasure was asked for on this case."""

    code = "rights-erasure-under-way"

    def __init__(self) -> None:
        """Say how to end the case otherwise."""
        super().__init__(
            "An erasure was asked for on this case. Until a second person confirms it you can take it back, and then "
            "end the case. Once it is confirmed it ends the case by itself."
        )


class NotErasedYetError(RuleViolationError):
    """That somebody is erased is never merely noted: the erasure itself closes the case."""

    code = "rights-not-erased"

    def __init__(self) -> None:
        """Say how it is done."""
        super().__init__(
            "A request to be erased is met by the erasure itself, which closes the case. Begin the erasure on this "
            "case; a second person confirms it."
        )


class NotRestrictedYetError(RuleViolationError):
    """That the use is restricted is never merely noted: the restriction itself closes the case."""

    code = "rights-not-restricted"

    def __init__(self) -> None:
        """Say how it is done."""
        super().__init__(
            "A request to have the use restricted is met by the restriction itself, which closes the case. Begin the "
            "restriction on this case; it holds at once."
        )
