"""What may be asked of the data lead's tasks."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.data_tasks.documents import DataTaskStore
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class CloseDataTask(DomainCommand):
    """Somebody found out what the task asks, and did what there was to do."""

    action: ClassVar[str] = "case:data_task:close"
    task_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The task's id."""
        return self.task_id


def close_data_task(command: CloseDataTask, work: UnitOfWork) -> Answer:
    """Close a task; closing it again changes nothing.

    Raises:
        DocumentMissingError: There is none, or none that this role looks into.
    """
    version = DataTaskStore(work).close(command.task_id, role=command.role)
    return Answer(status=200, ids={"id": command.task_id, "version": version})
