"""What is refused about acknowledging and asking, and how to mend it."""

from shared.kernel.errors import RuleViolationError


class LookedAtError(RuleViolationError):
    """A supervisor acknowledged this contact, or asked about it, already."""

    code = "looked-at"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "A supervisor acknowledged this contact, or asked about it, already. Load it again to see what stands."
        )


class NothingAskedError(RuleViolationError):
    """There is no open question about this contact."""

    code = "nothing-asked"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("No question about this contact is open. Load it again: it may be answered already.")
