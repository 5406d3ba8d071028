"""What the board refuses of a task, and how to mend it."""

from shared.kernel.errors import PoisonMessageError, RuleViolationError


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


class CohortRefusedError(PoisonMessageError):
    """The custodian's cohort is not one that this server could have agreed to; no sum leaves."""

    code = "cohort-refused"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__(
            "The cohort names reports that the board did not accept, or its hash belongs to another task. Check that "
            "both servers run the same version."
        )
