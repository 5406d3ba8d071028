"""What keeps a sum from being opened."""

from shared.kernel.errors import PoisonMessageError, TemporarilyUnavailableError


class SecondOpeningError(PoisonMessageError):
    """A sum for a task that has one, or over another cohort; nothing is opened."""

    code = "second-opening"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__(
            "A task is opened once, over exactly the cohort that both servers stored. Nothing was opened this time."
        )


class NotClosedYetError(TemporarilyUnavailableError):
    """The board's list came before this server's own closing time."""

    code = "not-closed-yet"

    def __init__(self) -> None:
        """Say what will happen."""
        super().__init__("This task has not closed here yet. The list is tried again; nobody has to do anything.")


class UnreadableSumError(PoisonMessageError):
    """The board's one sum is no sum of this task; it gets no second try, and no other task waits for it."""

    code = "unreadable-sum"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__(
            "The board's sum cannot be opened, or belongs to another plan. Nothing of this task is published."
        )
