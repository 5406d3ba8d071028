"""Two different people put their names to whatever becomes public."""

from shared.kernel.errors import RuleViolationError


class SamePersonError(RuleViolationError):
    """Two different people sign a release."""

    code = "same-person"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__("The statistician who signed a release cannot approve it. Ask a different person to.")


def check_two_people(signed_by: str, actor_id: str) -> None:
    """See that whoever approves is not who signed.

    Raises:
        SamePersonError: They are one.
    """
    if signed_by == actor_id:
        raise SamePersonError
