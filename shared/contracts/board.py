"""What the board's server tells the custodian and the hosts; never a figure of one host."""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Count, Hash, Id, Instant, Period, Sealed, Signature
from shared.contracts.signed import SignedMessage
from shared.contracts.task import TaskDraft, TaskTerms


@dataclass(frozen=True, kw_only=True)
class TaskProposed(SignedMessage):
    """The board asks the custodian to make its keys for one task. Route: custodian."""

    event_type: ClassVar[str] = "alongside.board.task_proposed.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    draft: TaskDraft
    signature: Signature


@dataclass(frozen=True, kw_only=True)
class TaskOpened(SignedMessage):
    """A task that every rostered host may contribute to, signed by both servers. Route: hosts."""

    event_type: ClassVar[str] = "alongside.board.task_opened.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    terms: TaskTerms
    board_signature: Signature
    custodian_signature: Signature


@dataclass(frozen=True, kw_only=True)
class CheckShare:
    """One report's linear check as the board computes it from share A: one number a check, mod 2**32.

    Attributes:
        share: Name of the commitments to this very share A (``shared.keys.commitments.name_of``); the custodian
            compares it with the one that it has from the host. Always set where the task's policy asks for it.
    """

    report_id: Id
    values: tuple[Count, ...]
    share: Hash | None = None


@dataclass(frozen=True, kw_only=True)
class ReportsAccepted(SignedMessage):
    """After closing: the reports the board holds, with their check shares, signed. Route: custodian."""

    event_type: ClassVar[str] = "alongside.board.reports_accepted.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    checks: tuple[CheckShare, ...]
    signature: Signature


@dataclass(frozen=True, kw_only=True)
class CohortSummed(SignedMessage):
    """The board's sum over exactly the agreed cohort, once, sealed to the custodian's task key.

    Route: custodian. It follows only after the board has stored the cohort durably, and carries the board's
    signature of it.

    Attributes:
        sealed: Share A's sum, 4 bytes a cell; then, where the task's policy asks for commitments, the sums of the
            reports' blindings, 32 bytes a cell, without which the sum is not believed.
    """

    event_type: ClassVar[str] = "alongside.board.cohort_summed.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    cohort_hash: Hash
    signature: Signature
    sealed: Sealed


@dataclass(frozen=True, kw_only=True)
class BoardKeysDestroyed(SignedMessage):
    """A receipt: every key with which the board could open a share of this task is gone. Route: custodian."""

    event_type: ClassVar[str] = "alongside.board.keys_destroyed.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    destroyed_at: Instant
    signature: Signature


@dataclass(frozen=True, kw_only=True)
class ReportJudged(SignedMessage):
    """What became of one host's report; for that host alone. Route: host.

    Attributes:
        outcome: ``RECEIVED``, ``REFUSED``, ``NOT_RECEIVED`` or ``LEFT_OUT`` (by the cohort's rules).
        reason: A code of the list report_refusal, or ``NONE``.
    """

    event_type: ClassVar[str] = "alongside.board.report_judged.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    period: Period
    outcome: Code
    reason: Code


@dataclass(frozen=True, kw_only=True)
class ReleasePublished(SignedMessage):
    """A release of statistics stands on the board's page. Route: hosts."""

    event_type: ClassVar[str] = "alongside.board.release_published.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "release_id"

    release_id: Id
    task_id: Id
    period: Period
