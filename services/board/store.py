"""The board's documents."""

from pymongo import IndexModel

TASKS, SHARES, RELEASES = "tasks", "shares", "releases"
COLLECTIONS = (TASKS, SHARES, RELEASES)
INDEXES: dict[str, list[IndexModel]] = {
    TASKS: [IndexModel([("period", 1)], unique=True), IndexModel([("state", 1)])],
    SHARES: [IndexModel([("task_id", 1)])],
    RELEASES: [IndexModel([("published_at", 1)])],
}

PROPOSED, OPEN, CLOSED, SUMMED = "PROPOSED", "OPEN", "CLOSED", "SUMMED"
PROTECTED, RELEASED, NOT_PUBLISHED = "PROTECTED", "RELEASED", "NOT_PUBLISHED"
ENDED = (PROTECTED, RELEASED, NOT_PUBLISHED)


def share_id(task_id: str, host: str) -> str:
    """Give the one place of a host's share for a task."""
    return f"{task_id}:{host}"
