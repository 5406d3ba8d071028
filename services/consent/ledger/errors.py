"""What consent refuses, and how to mend it."""

from datetime import datetime

from shared.codelists.periods import LONDON
from shared.kernel.errors import InvalidInputError, NotFoundError, RuleViolationError


class WordingNotRegisteredError(RuleViolationError):
    """The words that were read out are not registered for this purpose, recipient and day."""

    code = "wording-not-registered"

    def __init__(self) -> None:
        """Say who can mend it."""
        super().__init__(
            "These words are not registered for this purpose and its recipients on that day, or how or where they were "
            "read out is missing. Ask your data protection officer to "
            "register them, then record the decision again. The survivor's support does not wait for this."
        )


class SaidInFutureError(InvalidInputError):
    """A decision cannot be said later than now."""

    code = "said-in-future"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__("The day on which it was said lies in the future. Correct said_at.")


class NothingToWithdrawError(RuleViolationError):
    """There is no permission that could end."""

    code = "nothing-to-withdraw"

    def __init__(self) -> None:
        """Say what stands."""
        super().__init__(
            "There is no yes that could be withdrawn: a no is recorded already. Nothing more needs to be done."
        )


class TransitionRefusedError(RuleViolationError):
    """The state machine has no such step."""

    code = "transition-refused"

    def __init__(self, before: str, after: str) -> None:
        """Name both states, which are codes."""
        super().__init__(
            f"A consent that is {before} cannot become {after}. Read the consent again, then record what was decided."
        )


class AskedTooSoonError(RuleViolationError):
    """After a no, or the end of a year, people are left in peace for a while."""

    code = "asked-too-soon"

    def __init__(self, not_before: datetime) -> None:
        """Say from when, and what holds meanwhile."""
        day = not_before.astimezone(LONDON).strftime("%-d %B %Y")
        super().__init__(
            f"They said no, or their yes ended, less than 90 days ago. Do not ask again before {day}. "
            "If they raise it themselves, record what they decide."
        )
        self.not_before = not_before


class AskedTooOftenError(RuleViolationError):
    """After a no people are asked again twice at most."""

    code = "asked-too-often"

    def __init__(self) -> None:
        """Say what still may be done."""
        super().__init__(
            "They have been asked again twice since they said no or their yes ended. Do not ask them again. "
            "If they raise it themselves, record what they decide."
        )


class SurvivorUnknownError(NotFoundError):
    """Consent has not heard of this survivor: there is none, or case's word of them is still on its way."""

    def __init__(self) -> None:
        """Say how to mend it; over HTTP it is the same 404 as every other."""
        super().__init__(
            "There is no such survivor here. If they were registered a moment ago, repeat this in a few seconds."
        )
