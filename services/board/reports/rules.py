"""A host's half of a report, what became of it, and what the board says of that: punctuality and nothing more; pure."""

from dataclasses import dataclass

RECEIVED, REFUSED, NOT_RECEIVED, LEFT_OUT = "RECEIVED", "REFUSED", "NOT_RECEIVED", "LEFT_OUT"
ON_TIME, LATE, NOT_SENT = "ON_TIME", "LATE", "NOT_SENT"
NEEDS_ATTENTION, WAITING = "NEEDS_ATTENTION", "WAITING"


@dataclass(frozen=True, kw_only=True)
class HeldShare:
    """A host's half of a report.

    Attributes:
        provenance: Of the figures, as the host signed it.
        sealed: As it came; only the board's key of its task opens it.
    """

    id: str
    task_id: str
    host: str
    report_id: str
    provenance: str
    task_signature: str
    sealed: str
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What became of a host's report for a task.

    Attributes:
        reason: A code of the list report_refusal.
    """

    id: str
    task_id: str
    host: str
    outcome: str
    reason: str
    version: int = 0


def share_id(task_id: str, host: str) -> str:
    """Give the one place of a host's share, or of its judgement, for a task."""
    return f"{task_id}:{host}"


def stays(known: str, outcome: str) -> bool:
    """Whether an earlier outcome stays: a refused further report does not make the accepted one undone."""
    return known == RECEIVED and outcome == REFUSED


def punctuality(outcome: str, reason: str) -> str:
    """Give what may be said of a host."""
    if outcome == RECEIVED:
        return ON_TIME
    if outcome == NOT_RECEIVED:
        return NOT_SENT
    return LATE if reason == "LATE" else NEEDS_ATTENTION
