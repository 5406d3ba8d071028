"""What case shows of safeguarding tasks."""

from typing import Any

from services.case.tasks.documents import TASK, TASKS
from services.case.tasks.rules import OPEN
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page


class TaskViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._tasks = context.client[context.database_name][TASKS]

    def tasks(self, wanted: PageRequest) -> Page:
        """Give a page of the open safeguarding tasks, oldest first."""
        return find_page(self._tasks, wanted, where={"state": OPEN}, row=task_row)


def task_row(document: dict[str, Any]) -> dict[str, Any]:
    """Give a task as the API shows it; nobody changes one, so it has no version there."""
    row = TASK.row(TASK.values(document))
    del row["version"]
    return row
