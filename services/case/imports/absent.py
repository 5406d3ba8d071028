"""Asks the data lead about each person whom the newest file of their system no longer has; nothing is deleted.

Shown by ``tests/integration/case/test_import_plan.py``.
"""

import uuid
from collections.abc import Mapping

from services.case.data_tasks.documents import DATA_TASKS, DataTaskStore
from services.case.data_tasks.rules import GONE_AT_SOURCE, OPEN
from services.case.imports.rules.planned import Summary
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

_TASKS = uuid.UUID("1d1f7c74-8d0e-4d5b-8d2f-0c2b4c0a9f52")
_AT_ONCE = 200


def tell_of_the_absent(context: ServiceContext, import_id: str, summary: Summary | None) -> None:
    """Open a task about each of them, unless the question is open already."""
    absent = _not_asked_about(context, summary.absent if summary is not None else [])
    for start in range(0, len(absent), _AT_ONCE):
        people = absent[start : start + _AT_ONCE]

        def tell(work: UnitOfWork, people: list[dict[str, str]] = people) -> Answer:
            tasks = DataTaskStore(work)
            for person in people:
                tasks.open(
                    _task_about(person),
                    GONE_AT_SOURCE,
                    import_id=import_id,
                    episode_id=person["episode_id"],
                    survivor_id=person["survivor_id"],
                )
            return Answer(status=200)

        context.committer.execute(Command(run=tell, aggregates=frozenset({import_id})))


def _not_asked_about(context: ServiceContext, absent: list[dict[str, str]]) -> list[dict[str, str]]:
    # Whoever is missing from one file is missing from the next, and the question about most of them is still open.
    query = {"_id": {"$in": [_task_about(person) for person in absent]}, "state": OPEN}
    tasks = context.client[context.database_name][DATA_TASKS]
    asked = {task["_id"] for task in tasks.find(query, {"_id": 1})} if absent else set()
    return [person for person in absent if _task_about(person) not in asked]


def _task_about(person: Mapping[str, str]) -> str:
    return str(uuid.uuid5(_TASKS, person["episode_id"]))
