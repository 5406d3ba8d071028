"""A possible child's urgent task for the safeguarding lead; nothing is sent to anybody."""

import uuid

from services.case.imports.rules.settling import Row
from services.case.tasks.documents import TaskStore
from services.case.tasks.rules import CHILD_TASK, OPEN, Task
from shared.outbox.unit_of_work import UnitOfWork

_TASKS = uuid.UUID("6a8d3b52-0f4e-4f0a-9d0c-5b1f6f3f7c11")


def open_child_task(work: UnitOfWork, row: Row, *, import_id: str) -> None:
    """Open a possible child's urgent task once, whether its row is planned or carried out first."""
    # Of the row and what it says: the same row again, in a plan or in another file, is the same task.
    task_id = str(uuid.uuid5(_TASKS, f"{row.key}:{row.content}"))
    TaskStore(work).open_once(
        Task(
            id=task_id,
            kind=CHILD_TASK,
            state=OPEN,
            urgent=True,
            nation=row.verdict.nation or "NOT_KNOWN",
            import_id=import_id,
            row=row.verdict.row,
            opened_at=work.now,
            updated_at=work.now,
        )
    )
