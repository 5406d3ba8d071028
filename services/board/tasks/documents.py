"""The board's tasks; a document grows by what comes later, and what was never there is never written."""

from pymongo import IndexModel

from services.board.tasks.task import HOLDS_ITS_PERIOD, Task
from shared.outbox.documents import TURN, DocumentType, Field, Holds, Store, take_turn
from shared.outbox.unit_of_work import UnitOfWork

TASKS = "tasks"
TASK = DocumentType(
    collection=TASKS,
    fields=(
        Field(name="period", holds=Holds.CODE),
        Field(name="covers", holds=Holds.CODE, shown=False),
        Field(name="plan_id", holds=Holds.CODE),
        Field(name="roster", holds=Holds.ID),
        Field(name="seal_at", holds=Holds.INSTANT),
        Field(name="closes_at", holds=Holds.INSTANT),
        Field(name="terms", holds=Holds.CODE, shown=False),
        Field(name="task_hash", holds=Holds.HASH, shown=False),
        Field(name="state", holds=Holds.CODE),
        Field(name="board_signature", holds=Holds.HASH, shown=False, sparse=True),
        Field(name="custodian_signature", holds=Holds.HASH, shown=False, sparse=True),
        Field(name="accepted", holds=Holds.ID, shown=False, sparse=True, missing=()),
        Field(name="cohort_hash", holds=Holds.HASH, shown=False, sparse=True),
        Field(name="cohort_size", holds=Holds.COUNT, shown=False, sparse=True),
        Field(name="cohort_signatures", holds=Holds.HASH, shown=False, sparse=True),
        Field(name="result", holds=Holds.COUNT, shown=False, sparse=True),
        Field(name="ended_at", holds=Holds.INSTANT, shown=False, sparse=True),
        Field(name="unopened", holds=Holds.CODE, shown=False, sparse=True),
        Field(name="destroyed_at", holds=Holds.INSTANT, shown=False, sparse=True),
        Field(name="destroyed_signature", holds=Holds.HASH, shown=False, sparse=True),
        Field(name="custodian_receipt", holds=Holds.HASH, shown=False, sparse=True),
    ),
    indexes=(
        IndexModel(
            [("period", 1)],
            name="one_task_a_period",
            unique=True,
            partialFilterExpression={"state": {"$in": list(HOLDS_ITS_PERIOD)}},
        ),
        IndexModel([("state", 1)]),
    ),
)
TYPES = (TASK, TURN)


def tasks(work: UnitOfWork) -> Store[Task]:
    """Give the tasks of a transaction."""
    return Store(work, TASK, Task)


def take_turn_among_tasks(work: UnitOfWork) -> None:
    """Write what every transaction writes that looks at all tasks before it makes one."""
    take_turn(work, TASKS)


def take_turn_of(work: UnitOfWork, task_id: str) -> None:
    """Write a task as it is, for a transaction that only reads it and writes what its next step reads."""
    work.memo(f"turn-of-task:{task_id}", lambda: tasks(work).change(task_id))
