"""A host's seed as the custodian keeps it; pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Seed:
    """A host's half of a report.

    Attributes:
        sealed: As it came; only this server's key of its task opens it.
        share: Name of the commitments to share A, from the host's proof; None where the task asks for none.
    """

    id: str
    task_id: str
    host: str
    report_id: str
    task_signature: str
    sealed: str
    share: str | None = None
    version: int = 0


def seed_id(task_id: str, host: str) -> str:
    """Give the one place of a host's seed for a task."""
    return f"{task_id}:{host}"
