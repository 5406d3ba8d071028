"""What the board refuses, and how to mend it."""

from shared.kernel.errors import InvalidInputError, PoisonMessageError, RuleViolationError


class TaskExistsError(RuleViolationError):
    """A period has one task; figures are counted once."""

    code = "task-exists"

    def __init__(self, period: str) -> None:
        """Name the period."""
        super().__init__(
            f"There is a task for {period} already, and a period is counted once. Look at that task, or choose "
            "another period."
        )


class TaskTooLateError(RuleViolationError):
    """A task is known before it seals."""

    code = "task-too-late"

    def __init__(self, period: str) -> None:
        """Name the period."""
        super().__init__(
            f"The seal of {period} has passed. A task must be known before its seal. Choose the next period."
        )


class RosterTooSmallError(RuleViolationError):
    """Fewer hosts than a cohort needs could never be opened."""

    code = "roster-too-small"

    def __init__(self, minimum: int) -> None:
        """Name the minimum."""
        super().__init__(
            f"A task needs at least {minimum} hosts on its roster. Add hosts, or wait until more have joined."
        )


class RosterTooLargeError(RuleViolationError):
    """With more hosts the sums of their squared counts could wrap around."""

    code = "roster-too-large"

    def __init__(self, most: int) -> None:
        """Name the most."""
        super().__init__(f"A task takes at most {most} hosts. Split a larger roster into groups with one task each.")


class TablesRefusedError(PoisonMessageError):
    """A result of the custodian that no protection of this plan could have made; nothing of it is kept.

    Which rule it breaks is not said: that would say something of a figure. Refusals of either server look alike.
    """

    code = "tables-refused"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The custodian's result does not fit its task; nothing of it is kept. Check that both servers run "
            "the same version."
        )


class NothingToPublishError(RuleViolationError):
    """The protected tables of this task are not here, or are published already."""

    code = "nothing-to-publish"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There are no protected tables to publish for this task. Look at the task's state.")


class ReleaseExistsError(RuleViolationError):
    """A task has one release."""

    code = "release-exists"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("A statistician has signed this release already. A different person must now approve it.")


class NotADraftError(RuleViolationError):
    """Only a draft can be approved or delayed."""

    code = "not-a-draft"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__(
            "This release is published already, or lapsed after 14 days. It can no longer be approved or delayed."
        )


class SamePersonError(RuleViolationError):
    """Two different people sign a release."""

    code = "same-person"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__("The statistician who signed a release cannot approve it. Ask a different person to.")


class ReleaseChangedError(RuleViolationError):
    """What is approved is not what was looked at."""

    code = "release-changed"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The digest is not this release's. Look at the release again, then approve what you saw.")


class ReleaseDelayedError(RuleViolationError):
    """The approver asked for time."""

    code = "release-delayed"

    def __init__(self, until: str) -> None:
        """Say until when."""
        super().__init__(f"This release is delayed until {until}. Approve it then, or it lapses after 14 days.")


class DelayTooLongError(RuleViolationError):
    """A delay ends before the release lapses, and lies ahead."""

    code = "delay-too-long"

    def __init__(self, latest: str) -> None:
        """Say the latest day."""
        super().__init__(
            f"Choose a day after today and before {latest}. After that the release lapses and is never published."
        )


class NoSuchTableError(RuleViolationError):
    """A tombstone names a table of a published release."""

    code = "no-such-table"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This release is not published or has no such table with figures. Look at the release.")


class LearningRefusedError(InvalidInputError):
    """A learning is words, and no figures."""

    code = "learning-refused"

    def __init__(self, most: int) -> None:
        """Say the rule; the text is not repeated."""
        super().__init__(
            f"A learning has 1 to {most} characters and no digit: figures belong in tables. Say it in words."
        )


class LearningApprovedError(RuleViolationError):
    """A learning is approved once."""

    code = "learning-approved"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__("This learning is approved already. There is nothing more to do.")


class ReportRefusedError(PoisonMessageError):
    """A report that cannot be taken; its host is told, and nothing else is disturbed.

    Attributes:
        code: ``report-refused``.
        reason: A code of the list report_refusal.
    """

    code = "report-refused"

    def __init__(self, reason: str) -> None:
        """Keep the reason as a code."""
        super().__init__("The report is refused. Its host is told why, and should ask its operator.")
        self.reason = reason


class CohortRefusedError(PoisonMessageError):
    """The custodian's cohort is not one that this server could have agreed to; no sum leaves."""

    code = "cohort-refused"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__(
            "The cohort names reports that the board did not accept, or its hash belongs to another task. Check that "
            "both servers run the same version."
        )
