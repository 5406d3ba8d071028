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


class YesTooEarlyError(RuleViolationError):
    """They were not shown to be able to decide this a moment ago; a yes waits, a no never does."""

    code = "yes-too-early"

    def __init__(self, not_before: datetime) -> None:
        """Say from when."""
        moment = not_before.astimezone(LONDON).strftime("%-d %B %Y, %H:%M")
        super().__init__(
            f"They were not shown to be able to decide this a moment ago. Take no yes before {moment}; then ask "
            "whether they can decide it. A no is taken at any time."
        )
        self.not_before = not_before


class AskedBeforeTheirDayError(RuleViolationError):
    """They put the decision off, and said from when they want to be asked."""

    code = "asked-before-their-day"

    def __init__(self, not_before: datetime) -> None:
        """Say from when."""
        day = not_before.astimezone(LONDON).strftime("%-d %B %Y")
        super().__init__(
            f"They asked not to be asked before {day}. Wait until then. If they raise it themselves, record what they "
            "decide."
        )
        self.not_before = not_before


class SettingContradictedError(InvalidInputError):
    """Two fields say different things of who could hear."""

    code = "setting-contradicted"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__("setting and setting_private contradict each other. Leave setting_private out.")


class MisplacedTermError(InvalidInputError):
    """A term that this kind of decision cannot have."""

    code = "misplaced-term"

    def __init__(self, names: str, kind: str) -> None:
        """Name the fields, which are ours."""
        super().__init__(f"Only {kind} can have {names}. Leave it out, or correct the decision.")


class BeyondAYearError(InvalidInputError):
    """A yes ends after a year at the latest, and not before it was said."""

    code = "beyond-a-year"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__("valid_until must lie after said_at and at most 365 days later. Correct it, or leave it out.")


class DataNotOfPurposeError(InvalidInputError):
    """A yes to data that the purpose does not take."""

    code = "data-not-of-purpose"

    def __init__(self) -> None:
        """Say where the list stands."""
        super().__init__(
            "data_classes must name some of what this purpose takes, and nothing else. See GET /v1/consent-purposes, "
            "or leave it out for everything that the purpose takes."
        )


class CapacityFirstError(RuleViolationError):
    """A yes of somebody who is not shown to be able to decide it is none."""

    code = "capacity-not-established"

    def __init__(self) -> None:
        """Say what to record."""
        super().__init__(
            "They are not shown to be able to decide this now, so this is no yes. Record the decision "
            "CAPACITY_NOT_ESTABLISHED, offer support, and ask again at another time. Their support does not change."
        )
