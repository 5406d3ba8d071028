"""What the custodian refuses of a task."""

from shared.kernel.errors import PoisonMessageError


class TaskRefusedError(PoisonMessageError):
    """A proposed task that the custodian does not serve.

    Attributes:
        code: ``task-refused``.
    """

    code = "task-refused"

    def __init__(self, why: str) -> None:
        """Say what is wrong with the task."""
        super().__init__(f"The custodian does not serve this task: {why}. Correct it and propose it again.")
