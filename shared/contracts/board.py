"""What the board's server tells the custodian and the hosts; never a figure of one host."""

import hashlib
import json
from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Count, Hash, Id, Instant, Period, Sealed
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class TaskProposed(Event):
    """The board asks the custodian to make its keys for one task. Route: custodian."""

    event_type: ClassVar[str] = "alongside.board.task_proposed.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    period: Period
    plan_id: Code
    plan_hash: Hash
    roster: tuple[Code, ...]
    seal_at: Instant
    closes_at: Instant


@dataclass(frozen=True, kw_only=True)
class TaskOpened(Event):
    """A task that every rostered host may contribute to, with both servers' keys. Route: hosts.

    Attributes:
        board_key: The board's HPKE public key for this task (X25519, 32 bytes).
        custodian_key: The custodian's.
        coin_key_hash: SHA-256 of the custodian's coin key, fixed before anyone sends: no second draw.
    """

    event_type: ClassVar[str] = "alongside.board.task_opened.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    period: Period
    plan_id: Code
    plan_hash: Hash
    roster: tuple[Code, ...]
    seal_at: Instant
    closes_at: Instant
    board_key: Hash
    custodian_key: Hash
    coin_key_hash: Hash


@dataclass(frozen=True, kw_only=True)
class CheckShare:
    """One report's linear check as the board computes it from share A: one number a check, mod 2**32."""

    report_id: Id
    values: tuple[Count, ...]


@dataclass(frozen=True, kw_only=True)
class ReportsAccepted(Event):
    """After closing: the reports the board holds, with their check shares. Route: custodian."""

    event_type: ClassVar[str] = "alongside.board.reports_accepted.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    checks: tuple[CheckShare, ...]


@dataclass(frozen=True, kw_only=True)
class CohortSummed(Event):
    """The board's sum over exactly the agreed cohort, once, sealed to the custodian's task key.

    Route: custodian. It follows only after the board has stored the cohort durably.
    """

    event_type: ClassVar[str] = "alongside.board.cohort_summed.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    cohort_hash: Hash
    sealed: Sealed


@dataclass(frozen=True, kw_only=True)
class ReleasePublished(Event):
    """A release of statistics stands on the board's page. Route: hosts."""

    event_type: ClassVar[str] = "alongside.board.release_published.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "release_id"

    release_id: Id
    task_id: Id
    period: Period


def task_hash(task: TaskProposed | TaskOpened) -> str:
    """Name a task by its content: SHA-256 over what board, custodian and every host know of it.

    It stands in the associated data of every share, seed and sum, so that none opens for another task.
    """
    content = [
        task.task_id,
        task.period,
        task.plan_id,
        task.plan_hash,
        sorted(task.roster),
        task.seal_at.isoformat(),
        task.closes_at.isoformat(),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
