"""The custodian's documents; seeds and sums stand in them only as sealed as they came, releases rounded."""

from typing import Any

from pymongo import IndexModel

from shared.contracts.task import TaskTerms, terms_from, terms_to

TASKS, SEEDS, RELEASES = "tasks", "seeds", "releases"
COLLECTIONS = (TASKS, SEEDS, RELEASES)
APPEND_ONLY = (RELEASES,)
INDEXES: dict[str, list[IndexModel]] = {
    TASKS: [IndexModel([("state", 1)])],
    SEEDS: [IndexModel([("task_id", 1)])],
}

OPEN, AGREED, SUMMED, ENDED = "OPEN", "AGREED", "SUMMED", "ENDED"


def seed_id(task_id: str, host: str) -> str:
    """Give the one place of a host's seed for a task."""
    return f"{task_id}:{host}"


def task_to(terms: TaskTerms, state: str) -> dict[str, Any]:
    """Give a task's document; what is asked for often stands beside the terms."""
    draft = terms.draft
    return {
        "_id": draft.task_id,
        "period": draft.period,
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
