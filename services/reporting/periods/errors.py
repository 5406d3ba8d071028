"""What reporting refuses, and how to mend it."""

from shared.kernel.errors import NotFoundError, PoisonMessageError, RuleViolationError


class NoTaskError(NotFoundError):
    """The board has opened no task for this period, or it has not arrived yet."""

    code = "no-task"

    def __init__(self, period: str) -> None:
        """Name the period."""
        super().__init__(
            f"There is no task for period {period} yet. The board opens tasks: wait for its notice, or ask the board "
            "whether one is open."
        )


class NotTheTimeError(RuleViolationError):
    """Signing is possible between the period's end and the seal."""

    code = "not-the-time"

    def __init__(self, period: str, why: str) -> None:
        """Name the period and the reason."""
        super().__init__(f"Period {period} cannot be signed now: {why}.")


class PreviewChangedError(RuleViolationError):
    """What is being signed is no longer what would be sent."""

    code = "preview-changed"

    def __init__(self, period: str) -> None:
        """Say what to do."""
        super().__init__(f"The figures of {period} changed since you looked. Look at the preview again, then sign.")


class NotProvenYetError(RuleViolationError):
    """A signature needs consent's mark: nothing of the period may still be on its way."""

    code = "not-proven-yet"

    def __init__(self, period: str) -> None:
        """Say what to do."""
        super().__init__(
            f"Period {period} cannot be signed yet: it is not proven that everything recorded so far has arrived. "
            "Wait a minute or two, look at the figures again, then sign. If nothing changes, the Connection page "
            "shows what is missing."
        )


class NotReadyToSealError(RuleViolationError):
    """The period cannot be sealed yet; nothing was sent.

    Attributes:
        reason: ``UNSIGNED``, ``SIGNATURE_LAPSED``, ``BEFORE_SEAL``, ``CONSENT_UNPROVEN`` or ``LATE``.
    """

    code = "not-ready-to-seal"

    def __init__(self, period: str, reason: str, sentence: str) -> None:
        """Say what is missing and how to mend it."""
        super().__init__(f"Period {period} is not sealed: {sentence}")
        self.reason = reason


class WrongPlanError(PoisonMessageError):
    """A task names a plan that this version does not have, another text of it, or one that does not fit its period."""

    code = "wrong-plan"

    def __init__(self, plan_id: str) -> None:
        """Name the plan."""
        super().__init__(
            f"The task's plan {plan_id} is not the plan of this version, or does not fit its period. Upgrade before "
            "the seal, or tell the board."
        )
