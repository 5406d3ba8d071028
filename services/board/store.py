"""The board's documents."""

from typing import Any

from pymongo import IndexModel

from shared.contracts.task import TaskTerms, terms_from, terms_to

TASKS, SHARES, JUDGEMENTS, RELEASES = "tasks", "shares", "judgements", "releases"
LEARNINGS = "learnings"
COLLECTIONS = (TASKS, SHARES, JUDGEMENTS, RELEASES, LEARNINGS)
PROPOSED, OPEN, CLOSED, SUMMED = "PROPOSED", "OPEN", "CLOSED", "SUMMED"
PROTECTED, RELEASED, NOT_PUBLISHED, REFUSED_DRAFT = "PROTECTED", "RELEASED", "NOT_PUBLISHED", "REFUSED"
ENDED = (PROTECTED, RELEASED, NOT_PUBLISHED, REFUSED_DRAFT)
HOLDS_ITS_PERIOD = (PROPOSED, OPEN, CLOSED, SUMMED, PROTECTED, RELEASED, NOT_PUBLISHED)
"""A period has one task of these; a draft that was refused holds nothing."""
INDEXES: dict[str, list[IndexModel]] = {
    TASKS: [
        IndexModel(
            [("period", 1)],
            name="one_task_a_period",
            unique=True,
            partialFilterExpression={"state": {"$in": list(HOLDS_ITS_PERIOD)}},
        ),
        IndexModel([("state", 1)]),
    ],
    SHARES: [IndexModel([("task_id", 1)])],
    JUDGEMENTS: [IndexModel([("task_id", 1)])],
    RELEASES: [IndexModel([("state", 1), ("published_at", 1)]), IndexModel([("task_id", 1)])],
}

DRAFT, PUBLISHED, LAPSED = "DRAFT", "PUBLISHED", "LAPSED"
RECEIVED, REFUSED, NOT_RECEIVED, LEFT_OUT = "RECEIVED", "REFUSED", "NOT_RECEIVED", "LEFT_OUT"


def share_id(task_id: str, host: str) -> str:
    """Give the one place of a host's share, or of its judgement, for a task."""
    return f"{task_id}:{host}"


def task_to(terms: TaskTerms, state: str) -> dict[str, Any]:
    """Give a task's document; what is asked for often stands beside the terms."""
    draft = terms.draft
    return {
        "_id": draft.task_id,
        "period": draft.period,
        "covers": list(draft.covers),
        "plan_id": draft.plan_id,
        "roster": [entry.host for entry in draft.roster],
        "seal_at": draft.seal_at,
        "closes_at": draft.closes_at,
        "terms": terms_to(terms),
        "task_hash": terms.hash(),
        "state": state,
    }


def terms_of(task: dict[str, Any]) -> TaskTerms:
    """Read a task's terms."""
    return terms_from(task["terms"])
