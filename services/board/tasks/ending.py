"""The end of a task at the board, whichever way it comes: its shares go; what may be shown stays, or nothing does."""

from typing import Any

from services.board.reports.documents import shares
from services.board.tasks.documents import tasks
from shared.outbox.unit_of_work import UnitOfWork


def end_task(work: UnitOfWork, task_id: str, state: str, *, result: dict[str, Any] | None = None, **more: Any) -> None:
    """End a task in a state, with the tables that wait for a signature, if there are any; its shares are deleted."""
    for share in shares(work).where({"task_id": task_id}):
        shares(work).delete(share.id)
    tasks(work).change(task_id, state=state, result=result, ended_at=work.now, **more)
