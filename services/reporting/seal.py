"""What a seal needs, and how a count becomes two sealed halves.

Fail closed: unsigned, lapsed, unproven or late means that nothing leaves, with the reason on the host's
own page.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.reporting.contributions import Contribution
from services.reporting.domain import Tally, Task
from services.reporting.errors import NotReadyToSealError
from services.reporting.signature import LAPSED, SIGNED, UNSIGNED, signature_state
from services.reporting.store import SIGN_OFFS
from shared.codelists.periods import Period
from shared.codelists.plan import Plan
from shared.contracts.vector import VectorLayout
from shared.keys import proofs, sealing, sharing
from shared.keys.commitments import Blindings
from shared.outbox.streams import from_document
from shared.outbox.unit_of_work import UnitOfWork

__all__ = ["LAPSED", "LATE", "SIGNED", "UNPROVEN", "UNSIGNED", "check_ready", "sealed_halves", "signature_state"]

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


def complete_through(streams: Mapping[str, Any] | None) -> datetime | None:
    """Give the instant up to which everything that consent, and case before it, recorded is committed here."""
    progress = from_document(streams)
    case_applied = progress.source_applied.get("case")
    if progress.applied_through is None or case_applied is None:
        return None
    return min(progress.applied_through, case_applied)


def consent_is_proven(streams: Mapping[str, Any] | None, at: datetime) -> bool:
    """Whether everything that consent, and case before it, recorded by an instant is committed here."""
    through = complete_through(streams)
    return through is not None and through >= at


def may_be_signed(streams: Mapping[str, Any] | None, task: Task, now: datetime) -> bool:
    """Whether what there is to sign has arrived: all of the period, and all but the last minutes."""
    return consent_is_proven(streams, max(Period.parse(task.period).ends_at(), now - PROOF_AGE))


def check_ready(
    work: UnitOfWork,
    task: Task,
    contributions: Iterable[Contribution],
    *,
    counted_before: Collection[str] = frozenset(),
) -> None:
    """Check everything that a seal needs.

    Raises:
        NotReadyToSealError: Something is missing.
    """
    if work.now < task.seal_at:
        raise _not_ready(task, BEFORE_SEAL)
    signature = signature_state(work.find(SIGN_OFFS, task.id), contributions, task, counted_before=counted_before)
    if signature != SIGNED:
        raise _not_ready(task, signature)
    if not consent_is_proven(work.find("streams", "consent"), task.seal_at):
        raise _not_ready(task, UNPROVEN)
    # Last, so that a host whose period closed learns what was missing, not only that it is late.
    if work.now >= task.closes_at:
        raise _not_ready(task, LATE)


def sealed_halves(
    task: Task, plan: Plan, counted: Tally, *, task_hash: str, host: str, report_id: str, seed: bytes, blind: bytes
) -> tuple[str, str]:
    """Split a count, prove that it could be true, and seal each half to its own server.

    Args:
        task: The open task.
        plan: Its compiled plan.
        counted: What this host counts.
        task_hash: Of its signed terms.
        host: This host.
        report_id: Of this report.
        seed: Of the stream; the custodian's half.
        blind: Seed of the blindings, for the board; empty where the task's policy asks for no commitments.

    Returns:
        (share A for the board, seed B for the custodian), in base64, each of a size that the plan alone fixes.
    """
    layout = VectorLayout.of(plan)
    vector = layout.build(counted.counts, counted.people)
    context = sharing.report_context(task_hash=task_hash, period=task.period, host=host, report_id=report_id)
    share = sharing.with_more(sharing.split(vector, seed, context), blind)
    proof = b""
    if blind:
        stream, blindings = sharing.expand(seed, context, layout.length), Blindings.of(blind, context, layout.length)
        proof = proofs.prove(vector, stream, blindings, layout=layout, context=context)
    return (
        sealing.to_text(sealing.seal(task.board_key, share, context)),
        sealing.to_text(sealing.seal(task.custodian_key, seed + proof, context)),
    )


def _not_ready(task: Task, reason: str) -> NotReadyToSealError:
    return NotReadyToSealError(task.period, reason, _SENTENCES[reason])
