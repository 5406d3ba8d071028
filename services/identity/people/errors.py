"""What people's room refuses, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class LoginTakenError(RuleViolationError):
    """There is a user with this login."""

    code = "login-taken"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There is a user with this login already. Change that user's memberships instead.")


class InvalidLoginError(InvalidInputError):
    """A login looks like an e-mail address."""

    code = "invalid-login"

    def __init__(self) -> None:
        """Say the rule; the login is not repeated."""
        super().__init__("A login has the form of an e-mail address, at most 254 characters, without spaces.")


class SeparatedDutiesError(RuleViolationError):
    """One person may not hold both of two duties that guard each other."""

    code = "separated-duties"

    def __init__(self, first: str, second: str, *, never: bool = False) -> None:
        """Name both roles, and say whether a demo might join them."""
        demo = "" if never else " Only a demo may join them, and then its guarantees are void."
        super().__init__(
            f"One person cannot hold both {first} and {second}: each guards the other. Give one of them to a "
            f"colleague.{demo}"
        )
        self.roles = (first, second)


class UnknownRoleError(InvalidInputError):
    """There is no such role here, or none was given."""

    code = "unknown-role"

    def __init__(self, known: tuple[str, ...]) -> None:
        """List the roles that there are; what was sent is not repeated."""
        super().__init__(f"Give at least one role of this list: {', '.join(known)}.")


class UnknownOrganisationError(InvalidInputError):
    """A membership names an organisation that is not registered here."""

    code = "unknown-organisation"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There is no such organisation here. Add it first, or leave organisation_id out.")


class OwnAccountError(RuleViolationError):
    """An administrator may not suspend or demote themself, or nobody might be left."""

    code = "own-account"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This is your own account. Ask another administrator, so that one always remains.")


class SecondAdministratorError(RuleViolationError):
    """Who asked for something that guards others does not confirm it."""

    code = "second-administrator"

    def __init__(self) -> None:
        """Say who can."""
        super().__init__(
            "You asked for this yourself. Another administrator of the same organisation confirms it, so that nobody "
            "gives such a role, or opens such an account, alone."
        )


class NothingToConfirmError(RuleViolationError):
    """No role and no enrolment link of this person waits for a second administrator."""

    code = "nothing-to-confirm"

    def __init__(self) -> None:
        """Say what to look at."""
        super().__init__(
            "No role or link of this person is waiting for confirmation. Read the person again to see their roles."
        )


class LinkRefusedError(RuleViolationError):
    """An enrolment link that is unknown, used, replaced or too old; HTTP 409, always the same."""

    code = "link-refused"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This enrolment link does not work, or no longer works: a link can be used once, within seven days. Ask "
            "your "
            "administrator for a new one."
        )


class LinkNotConfirmedError(RuleViolationError):
    """The link waits for the second administrator's code."""

    code = "link-not-confirmed"

    def __init__(self) -> None:
        """Say whom to ask."""
        super().__init__(
            "This role needs a second administrator, who has not confirmed it yet. Ask them for the confirmation code, "
            "then open the link again."
        )


class WrongCodeError(RuleViolationError):
    """The second administrator's code is missing or not right."""

    code = "wrong-code"

    def __init__(self) -> None:
        """Say where it comes from."""
        super().__init__(
            "The confirmation code is not right. The second administrator was shown it when they confirmed your role. "
            "After five wrong codes the link no longer works."
        )
