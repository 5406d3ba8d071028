"""What is refused about approvals, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class AgreementMisstatedError(InvalidInputError):
    """When and how they agreed is said exactly where they agreed."""

    code = "agreement-misstated"

    def __init__(self, field: str, sentence: str) -> None:
        """Point at the field."""
        super().__init__(sentence, ({"pointer": f"#/{field}", "code": self.code, "detail": sentence},))


class SurvivorSaidNoError(RuleViolationError):
    """They said no to this plan."""

    code = "survivor-said-no"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("They said no to this plan, and nobody approves it over their no. Change it with them first.")


class NothingPlannedError(RuleViolationError):
    """There is no plan that could be approved."""

    code = "nothing-planned"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Nothing is planned yet. Write down a goal, a step, a need or a risk with them first.")


class ApprovalDecidedError(RuleViolationError):
    """It waits for nobody's answer any more."""

    code = "approval-decided"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This waits for no answer any more. Load it again to see what became of it.")


class NothingToSettleError(RuleViolationError):
    """It waits for nothing that whoever asked could do."""

    code = "nothing-to-settle"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Nothing of this waits any more. Load it again to see what became of it.")


class OwnApprovalError(RuleViolationError):
    """Nobody approves what they asked for, or their own work."""

    code = "own-approval"

    def __init__(self) -> None:
        """Say who may."""
        super().__init__(
            "You asked for this, or work with this person. Somebody else decides: another supervisor, or the "
            "safeguarding lead if it is asked again of them."
        )


class PlanChangedError(RuleViolationError):
    """The plan is not any more what was asked for."""

    code = "plan-changed"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The plan was changed since somebody asked. Nothing was approved. Ask their advocate to ask again, or "
            "send it back."
        )


class ClosureNeedsApprovalError(RuleViolationError):
    """The host lets nobody end support alone."""

    code = "closure-needs-approval"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "Your organisation lets somebody else look before support ends for this reason. Ask for approval; it "
            "ends when they approve. A death, and a person who wants to leave, never wait for it."
        )


class ClosesAtOnceError(RuleViolationError):
    """A reason that never waits is not asked about."""

    code = "closes-at-once"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Support that ends for this reason waits for nobody. End it; it is looked at afterwards.")


class TooManyApprovalsError(RuleViolationError):
    """As often as may be was asked."""

    code = "too-many-approvals"

    def __init__(self, most: int) -> None:
        """Say how many."""
        super().__init__(f"Of one support it can be asked {most} times. Speak with your supervisor.")
