"""Safeguarding tasks, one document each; a row's number, and nothing that it says."""

from pymongo import IndexModel

from services.case.tasks.rules import Task
from shared.contracts.case import SafeguardingTaskOpened
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

TASKS = "tasks"
TASK = DocumentType(
    collection=TASKS,
    fields=(
        Field(name="kind", holds=Holds.CODE),
        Field(name="state", holds=Holds.CODE, shown=False),
        Field(name="urgent", holds=Holds.CODE),
        Field(name="nation", holds=Holds.CODE),
        Field(name="import_id", holds=Holds.ID),
        Field(name="row", holds=Holds.COUNT),
        Field(name="opened_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),),
)
TYPES = (TASK,)


class TaskStore:
    """Safeguarding tasks."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def open_once(self, task: Task) -> bool:
        """Add a task and state it, if there is none of this id yet; give whether there was none."""
        if self._work.find(TASKS, task.id) is not None:
            return False
        self.open(task)
        return True

    def open(self, task: Task) -> None:
        """Add a task and state it."""
        self._work.insert(TASKS, TASK.document(task))
        self._work.record(SafeguardingTaskOpened(task_id=task.id, kind=task.kind, nation=task.nation), sequence=1)
