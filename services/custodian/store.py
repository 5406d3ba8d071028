"""The custodian's documents; seeds and sums stand in them only as sealed as they came."""

from pymongo import IndexModel

TASKS, SEEDS = "tasks", "seeds"
COLLECTIONS = (TASKS, SEEDS)
INDEXES: dict[str, list[IndexModel]] = {
    TASKS: [IndexModel([("state", 1)])],
    SEEDS: [IndexModel([("task_id", 1)])],
}

OPEN, AGREED, SUMMED, ENDED = "OPEN", "AGREED", "SUMMED", "ENDED"


def seed_id(task_id: str, host: str) -> str:
    """Give the one place of a host's seed for a task."""
    return f"{task_id}:{host}"
