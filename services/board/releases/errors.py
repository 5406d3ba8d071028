"""What the board refuses of a release, and how to mend it."""

from shared.kernel.errors import RuleViolationError


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
