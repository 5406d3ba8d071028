"""What is refused about the register of interpreters, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class InterpreterMisstatedError(InvalidInputError):
    """What is said of an interpreter cannot be right."""

    code = "interpreter-misstated"

    def __init__(self, field: str, sentence: str) -> None:
        """Point at the field."""
        super().__init__(sentence, ({"pointer": f"#/{field}", "code": self.code, "detail": sentence},))


class TooManyInterpretersError(RuleViolationError):
    """The register is full."""

    code = "too-many-interpreters"

    def __init__(self, most: int) -> None:
        """Say the bound."""
        super().__init__(f"The register holds {most} interpreters. Change one who does not work for you any more.")


class TooManyTiesError(RuleViolationError):
    """So many ties of one interpreter are noted already."""

    code = "too-many-ties"

    def __init__(self, most: int) -> None:
        """Say the bound."""
        super().__init__(
            f"{most} ties are noted already. Give them a last day instead, so that they interpret no more."
        )


class NoSuchTieError(RuleViolationError):
    """There is no such tie, or it holds no more."""

    code = "no-such-tie"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("No such tie holds. Load the interpreter again to see what does.")
