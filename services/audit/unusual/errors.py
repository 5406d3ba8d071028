"""What is refused about unusual access, and how to mend it."""

from shared.kernel.errors import RuleViolationError


class FindingClosedError(RuleViolationError):
    """Somebody closed it already."""

    code = "finding-closed"

    def __init__(self) -> None:
        """Say what happens next."""
        super().__init__("Somebody closed this already. It opens again by itself if the same is seen once more.")
