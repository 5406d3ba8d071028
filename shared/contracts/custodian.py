"""What the custodian tells the board: a key, a cohort, rounded tables or one fixed refusal."""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Count, Hash, Id, Instant, Signature
from shared.contracts.signed import SignedMessage


@dataclass(frozen=True, kw_only=True)
class TaskAccepted(SignedMessage):
    """The custodian made its keys for a task and signs the complete terms. Route: board."""

    event_type: ClassVar[str] = "alongside.custodian.task_accepted.v1"
    source: ClassVar[str] = "custodian"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    custodian_key: Hash
    coin_key_hash: Hash
    signature: Signature


@dataclass(frozen=True, kw_only=True)
class CohortAgreed(SignedMessage):
    """The reports that both servers hold and that passed the linear check, signed. Route: board."""

    event_type: ClassVar[str] = "alongside.custodian.cohort_agreed.v1"
    source: ClassVar[str] = "custodian"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    report_ids: tuple[Id, ...]
    cohort_hash: Hash
    signature: Signature


@dataclass(frozen=True, kw_only=True)
class ProtectedCell:
    """One category of a shown table; ``value`` is a multiple of the rounding base, never a true count."""

    category: Code
    value: Count


@dataclass(frozen=True, kw_only=True)
class ProtectedTable:
    """One table as it may be shown.

    Attributes:
        status: ``SHOWN``, ``SHOWN_COARSER`` or ``NOT_PUBLISHED``.
        level: The declared level shown; 0 where nothing is.
        cells: Empty where nothing is shown.
    """

    table: Code
    status: Code
    level: Count
    cells: tuple[ProtectedCell, ...]


@dataclass(frozen=True, kw_only=True)
class TablesProtected(SignedMessage):
    """The one result of one opening: rounded, thresholded tables and nothing else. Route: board.

    Attributes:
        people: Rounded total of people counted, or None where it may not be shown.
        hosts: Hosts in the cohort.
    """

    event_type: ClassVar[str] = "alongside.custodian.tables_protected.v1"
    source: ClassVar[str] = "custodian"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    cohort_hash: Hash
    hosts: Count
    people: Count | None
    tables: tuple[ProtectedTable, ...]


@dataclass(frozen=True, kw_only=True)
class OpeningRefused(SignedMessage):
    """The one fixed refusal; it never says why, since the reason is itself a figure. Route: board."""

    event_type: ClassVar[str] = "alongside.custodian.opening_refused.v1"
    source: ClassVar[str] = "custodian"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id


@dataclass(frozen=True, kw_only=True)
class CustodianKeysDestroyed(SignedMessage):
    """A receipt: every key of this task, the coin key too, is gone; nothing of it opens again. Route: board."""

    event_type: ClassVar[str] = "alongside.custodian.keys_destroyed.v1"
    source: ClassVar[str] = "custodian"
    subject_field: ClassVar[str] = "task_id"

    task_id: Id
    destroyed_at: Instant
    signature: Signature
