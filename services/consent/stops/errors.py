"""What is refused while everything is stopped, and how to go on."""

from shared.kernel.errors import RuleViolationError


class EverythingStoppedError(RuleViolationError):
    """They said that everything is to stop."""

    code = "everything-stopped"

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__(
            "This person said that everything is to stop. Ask them nothing and record no yes before a supervisor has "
            "spoken with them in private and lifted it, under Stops. A yes of before it was lifted counts no more: "
            "ask again."
        )


class StopLiftedError(RuleViolationError):
    """It was lifted already."""

    code = "stop-lifted"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This was lifted already. If they say it again, stop everything again.")


class StopNotDoneError(RuleViolationError):
    """Something is still to be stopped."""

    code = "stop-not-done"

    def __init__(self) -> None:
        """Say who mends it."""
        super().__init__(
            "One permission could not be ended yet; it is tried again each minute. Lift this once the list is empty, "
            "or ask your operator to run: alongside doctor."
        )
