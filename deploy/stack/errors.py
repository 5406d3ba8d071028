"""Refusals of a stack on one machine."""

from shared.kernel.errors import NotFoundError, RuleViolationError, TemporarilyUnavailableError


class NotReadyError(TemporarilyUnavailableError):
    """An API did not become ready."""

    code = "not-ready"

    def __init__(self, tenant: str, last_words: str) -> None:
        """Name the tenant and the process's last line."""
        super().__init__(f"The API of {tenant} did not become ready. Its last line: {last_words or 'none'}")


class NoSuchTenantError(NotFoundError):
    """The stack has no such tenant."""

    code = "no-such-tenant"

    def __init__(self) -> None:
        """Say how to see which there are."""
        super().__init__("This stack has no such tenant. See: alongside tenant list")


class NotADemoError(RuleViolationError):
    """The clock of a stack in service is the real one."""

    code = "not-a-demo"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__("Only a demo or test stack's clock may be moved.")
