"""A period's task: what this host counts, until when, for whom, and how it ended. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.reporting.contributions.rules import Version
from shared.codelists.periods import Period
from shared.codelists.plan import Plan
from shared.contracts.task import terms_from

OPEN, SEALED, NOT_SENT = "OPEN", "SEALED", "NOT_SENT"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One period's task as the board opened it.

    Attributes:
        covers: The periods whose episodes are counted.
        nation: The host's own, as the roster has it.
        setting: Likewise.
    """

    id: str
    period: str
    covers: tuple[str, ...]
    plan_id: str
    plan_hash: str
    nation: str
    setting: str
    seal_at: datetime
    closes_at: datetime
    board_key: bytes
    custodian_key: bytes

    @property
    def kind(self) -> str:
        """``QUARTER`` or ``YEAR``."""
        return Period.parse(self.covers[-1]).kind

    def holds(self, version: Version) -> bool:
        """Whether an episode belongs to a period that the task covers."""
        if version.facts is not None:
            return any(Period.parse(period).contains(version.facts.month) for period in self.covers)
        return version.quarter in self.quarters()

    def quarters(self) -> tuple[str, ...]:
        """Give the quarters that the task covers."""
        return tuple(quarter for period in self.covers for quarter in Period.parse(period).quarters())


@dataclass(frozen=True, kw_only=True)
class KeptTask(Task):
    """A task with the terms that board and custodian signed, and how it stands here.

    Attributes:
        terms: As they are stored, which is to the letter.
        task_hash: Of the terms; it stands in every later message.
        state: ``OPEN``, ``SEALED`` or ``NOT_SENT``.
        reason: Why nothing was sent.
    """

    terms: Mapping[str, Any]
    task_hash: str
    state: str = OPEN
    reason: str | None = None
    version: int = 0

    @property
    def plan(self) -> Plan:
        """The task's plan, compiled for its roster."""
        return terms_from(self.terms).draft.plan()

    @property
    def is_bound(self) -> bool:
        """Whether its reports carry commitments, and its messages are signed whole."""
        return terms_from(self.terms).draft.is_bound
