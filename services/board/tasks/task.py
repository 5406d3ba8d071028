"""A task as the board keeps it, and the states that it goes through; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from shared.contracts.task import TaskTerms, terms_from, terms_to

PROPOSED, OPEN, CLOSED, SUMMED = "PROPOSED", "OPEN", "CLOSED", "SUMMED"
PROTECTED, RELEASED, NOT_PUBLISHED, REFUSED_DRAFT = "PROTECTED", "RELEASED", "NOT_PUBLISHED", "REFUSED"
ENDED = (PROTECTED, RELEASED, NOT_PUBLISHED, REFUSED_DRAFT)
HOLDS_ITS_PERIOD = (PROPOSED, OPEN, CLOSED, SUMMED, PROTECTED, RELEASED, NOT_PUBLISHED)
"""A period has one task of these; a draft that was refused holds nothing."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task; what is asked for often stands beside the terms.

    Attributes:
        terms: As they are stored; ``signed`` reads them.
        accepted: Ids of the reports that were here at the closing.
        result: The protected tables with their total and number of hosts, until they are released.
        unopened: True if it ended before any sum left, so that the next task covers its period too.
        custodian_receipt: The custodian's signed word that its keys are gone.
    """

    id: str
    period: str
    covers: list[str]
    plan_id: str
    roster: list[str]
    seal_at: datetime
    closes_at: datetime
    terms: Mapping[str, Any]
    task_hash: str
    state: str
    board_signature: str | None = None
    custodian_signature: str | None = None
    accepted: Sequence[str] = ()
    cohort_hash: str | None = None
    cohort_size: int | None = None
    cohort_signatures: Mapping[str, str] | None = None
    result: Mapping[str, Any] | None = None
    ended_at: datetime | None = None
    unopened: bool | None = None
    destroyed_at: datetime | None = None
    destroyed_signature: str | None = None
    custodian_receipt: Mapping[str, Any] | None = None
    version: int = 0

    @cached_property
    def signed(self) -> TaskTerms:
        """The terms."""
        return terms_from(self.terms)


def task_of(terms: TaskTerms, state: str) -> Task:
    """Make a task of its terms."""
    draft = terms.draft
    return Task(
        id=draft.task_id,
        period=draft.period,
        covers=list(draft.covers),
        plan_id=draft.plan_id,
        roster=[entry.host for entry in draft.roster],
        seal_at=draft.seal_at,
        closes_at=draft.closes_at,
        terms=terms_to(terms),
        task_hash=terms.hash(),
        state=state,
    )
