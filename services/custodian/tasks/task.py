"""A task as the custodian keeps it, and the states that it goes through; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from shared.contracts.task import TaskTerms, terms_from, terms_to

OPEN, AGREED, SUMMED, ENDED = "OPEN", "AGREED", "SUMMED", "ENDED"
TOO_FEW_HOSTS, LAPSED, NOT_OPENED = "TOO_FEW_HOSTS", "LAPSED", "NOT_OPENED"
UNOPENED = [TOO_FEW_HOSTS, LAPSED]
"""Verdicts of tasks of which no sum ever came, so that a later task may cover their periods."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task; what is asked for often stands beside the terms.

    Attributes:
        terms: As they are stored; ``signed`` reads them.
        board_list: The board's signature over the reports that it accepted, and ``own_list`` this server's.
        cohort: Ids of the reports that both servers count.
        sealed_sum: The board's one sum, as it came.
        verdict: What came of it; only this server's own record holds it.
        board_receipt: The board's signed word that its keys are gone.
    """

    id: str
    period: str
    plan_id: str
    roster: list[str]
    seal_at: datetime
    closes_at: datetime
    terms: Mapping[str, Any]
    task_hash: str
    state: str
    custodian_signature: str | None
    board_list: str | None = None
    own_list: str | None = None
    cohort: Sequence[str] = ()
    cohort_hash: str = ""
    cohort_signatures: Mapping[str, str] = field(default_factory=dict)
    sealed_sum: str | None = None
    verdict: str | None = None
    destroyed_at: datetime | None = None
    destroyed_signature: str | None = None
    board_receipt: Mapping[str, Any] | None = None
    version: int = 0

    @cached_property
    def signed(self) -> TaskTerms:
        """The terms."""
        return terms_from(self.terms)


def task_of(terms: TaskTerms, state: str, *, signature: str) -> Task:
    """Make a task of its terms and this server's signature over them."""
    draft = terms.draft
    return Task(
        id=draft.task_id,
        period=draft.period,
        plan_id=draft.plan_id,
        roster=[entry.host for entry in draft.roster],
        seal_at=draft.seal_at,
        closes_at=draft.closes_at,
        terms=terms_to(terms),
        task_hash=terms.hash(),
        state=state,
        custodian_signature=signature,
    )
