"""What consent refuses, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class WordingNotRegisteredError(RuleViolationError):
    """The words that were read out are not registered for this purpose, recipient and day."""

    code = "wording-not-registered"

    def __init__(self) -> None:
        """Say who can mend it."""
        super().__init__(
            "These words are not registered for this purpose on that day. Ask your data protection officer to "
            "register them, then record the decision again. The survivor's support does not wait for this."
        )


class SaidInFutureError(InvalidInputError):
    """A decision cannot be said later than now."""

    code = "said-in-future"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__("The day on which it was said has not come yet. Correct said_at.")


class NothingToWithdrawError(RuleViolationError):
    """There is no permission that could end."""

    code = "nothing-to-withdraw"

    def __init__(self) -> None:
        """Say what stands."""
        super().__init__("This permission is not given now, so there is nothing to withdraw.")


class TransitionRefusedError(RuleViolationError):
    """The state machine has no such step."""

    code = "transition-refused"

    def __init__(self, before: str, after: str) -> None:
        """Name both states, which are codes."""
        super().__init__(f"A consent that is {before} cannot become {after} in this way.")
