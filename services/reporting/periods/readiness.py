"""What a signature and a seal need. Pure rules.

Fail closed: unsigned, lapsed, unproven or late means that nothing leaves, with the reason on the host's own page.
"""

from datetime import datetime, timedelta

from services.reporting.periods.errors import NotReadyToSealError
from services.reporting.periods.signature import LAPSED, SIGNED, UNSIGNED
from services.reporting.periods.task import Task
from shared.codelists.periods import Period
from shared.kernel.streams import Progress

BEFORE_SEAL, UNPROVEN, LATE = "BEFORE_SEAL", "CONSENT_UNPROVEN", "LATE"
PROOF_AGE = timedelta(minutes=10)
"""Consent says each minute how far it is; a signature needs what it said at most so long ago."""

_SENTENCES = {
    BEFORE_SEAL: "its seal has not come yet. Wait until then.",
    LATE: "it has closed, so no report is taken any more. The host counts again in the next period.",
    UNSIGNED: "no data lead has signed its preview. Sign it between the period's end and the seal.",
    LAPSED: "the figures have changed since they were signed, so the signature lapsed. Look at them and sign again.",
    UNPROVEN: "it is not yet proven that every consent and withdrawal up to the seal has arrived. "
    "Wait a minute. If nothing changes, work through the parked messages.",
}


def complete_through(progress: Progress) -> datetime | None:
    """Give the instant up to which everything that consent, and case before it, recorded is committed here."""
    case_applied = progress.source_applied.get("case")
    if progress.applied_through is None or case_applied is None:
        return None
    return min(progress.applied_through, case_applied)


def consent_is_proven(progress: Progress, at: datetime) -> bool:
    """Whether everything that consent, and case before it, recorded by an instant is committed here."""
    through = complete_through(progress)
    return through is not None and through >= at


def may_be_signed(progress: Progress, task: Task, now: datetime) -> bool:
    """Whether what there is to sign has arrived: all of the period, and all but the last minutes."""
    return consent_is_proven(progress, max(Period.parse(task.period).ends_at(), now - PROOF_AGE))


def check_ready(task: Task, *, now: datetime, signature: str, progress: Progress) -> None:
    """Check everything that a seal needs.

    Args:
        task: The open task.
        now: By the business clock.
        signature: As ``signature_state`` gives it.
        progress: What is committed here of consent's stream.

    Raises:
        NotReadyToSealError: Something is missing.
    """
    if now < task.seal_at:
        raise _not_ready(task, BEFORE_SEAL)
    if signature != SIGNED:
        raise _not_ready(task, signature)
    if not consent_is_proven(progress, task.seal_at):
        raise _not_ready(task, UNPROVEN)
    # Last, so that a host whose period closed learns what was missing, not only that it is late.
    if now >= task.closes_at:
        raise _not_ready(task, LATE)


def _not_ready(task: Task, reason: str) -> NotReadyToSealError:
    return NotReadyToSealError(task.period, reason, _SENTENCES[reason])
