"""Tasks for the data lead, one document each; ids alone, nothing of a file."""

from dataclasses import replace
from typing import Any

from pymongo import IndexModel

from services.case.data_tasks.rules import CLOSED, GONE_AT_SOURCE, OPEN, SUPERVISOR, DataTask, looks_into
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

DATA_TASKS = "data_tasks"
DATA_TASK = DocumentType(
    collection=DATA_TASKS,
    fields=(
        Field(name="kind", holds=Holds.CODE),
        Field(name="state", holds=Holds.CODE),
        Field(name="import_id", holds=Holds.ID),
        Field(name="episode_id", holds=Holds.ID),
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="people", holds=Holds.COUNT, sparse=True),
        Field(name="opened_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),),
)
TYPES = (DATA_TASK,)


class DataTaskStore:
    """Tasks for the data lead."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def open(
        self,
        task_id: str,
        kind: str,
        *,
        import_id: str,
        episode_id: str | None = None,
        survivor_id: str | None = None,
        people: int | None = None,
    ) -> None:
        """Open a task, unless one of this id is open; one that was closed is opened again."""
        known = self._work.find(DATA_TASKS, task_id)
        if known is not None and known["state"] == OPEN:
            return
        now = self._work.now
        task = DataTask(
            id=task_id,
            kind=kind,
            state=OPEN,
            import_id=import_id,
            episode_id=episode_id,
            survivor_id=survivor_id,
            people=people,
            opened_at=now,
            updated_at=now,
        )
        self._work.save(DATA_TASKS, DATA_TASK.document(task))

    def close(self, task_id: str, *, role: str) -> int:
        """Close a task; closing it again changes nothing. Gives its version.

        Raises:
            DocumentMissingError: There is none, or none that this role looks into.
        """
        known = DataTask(**DATA_TASK.values(self._work.get(DATA_TASKS, task_id)))
        if not looks_into(role, known.kind):
            raise DocumentMissingError(DATA_TASKS)
        if known.state == CLOSED:
            return known.version
        closed = replace(known, state=CLOSED, updated_at=self._work.now)
        self._work.replace(DATA_TASKS, {**DATA_TASK.document(closed), "version": known.version})
        return known.version + 1


def open_for(role: str) -> dict[str, Any]:
    """Give the filter of the open tasks that somebody in a role looks into."""
    return {"state": OPEN, **({"kind": GONE_AT_SOURCE} if role == SUPERVISOR else {})}
