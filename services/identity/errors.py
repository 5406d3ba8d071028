"""What identity refuses, and how to mend it."""

from shared.kernel.errors import RuleViolationError


class LoginTakenError(RuleViolationError):
    """There is a user with this login."""

    code = "login-taken"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There is a user with this login already. Add a role to that user instead.")


class SeparatedDutiesError(RuleViolationError):
    """One person may not hold both of two duties that guard each other."""

    code = "separated-duties"

    def __init__(self, first: str, second: str) -> None:
        """Name both roles."""
        super().__init__(f"One person cannot hold both {first} and {second}: each guards the other.")


class UnknownRoleError(RuleViolationError):
    """There is no such role here."""

    code = "unknown-role"

    def __init__(self) -> None:
        """Say where roles are listed."""
        super().__init__("There is no such role for this organisation; see the API's page for the list.")
