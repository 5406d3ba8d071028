"""The end of a task at the custodian: seeds and sum go, and once the keys are gone too, a signed receipt says so."""

from typing import Any

from services.custodian.seeds.documents import seeds
from services.custodian.tasks.documents import tasks
from services.custodian.tasks.task import AGREED, ENDED, LAPSED, NOT_OPENED, OPEN, SUMMED
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING, days_after
from shared.contracts.custodian import CustodianKeysDestroyed
from shared.contracts.task import destroyed_message
from shared.keys.messages import sign_message
from shared.keys.signing import Trust
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork


def end_task(work: UnitOfWork, task_id: str, verdict: str, **more: Any) -> None:
    """End a task: the seeds and the sum go; the keys go right after the commit."""
    for seed in seeds(work).where({"task_id": task_id}):
        seeds(work).delete(seed.id)
    tasks(work).change(task_id, state=ENDED, verdict=verdict, sealed_sum=None, **more)


def lapse(task_id: str, work: UnitOfWork) -> Answer:
    """End a task of which nothing was opened in 14 days after the closing: a silent other side, or a sum that stuck.

    A period of which the board sent a sum counts as counted, whatever became of it.
    """
    task = tasks(work).get(task_id)
    over = work.now >= days_after(task.closes_at, NOT_PUBLISHED_AFTER_OPENING)
    if over and task.state in (OPEN, AGREED, SUMMED):
        end_task(work, task_id, NOT_OPENED if task.state == SUMMED else LAPSED)
    return Answer(status=200)


def state_destruction(task_id: str, work: UnitOfWork, *, trust: Trust) -> Answer:
    """State, signed, that every key of an ended task is gone; call it after they are."""
    task = tasks(work).get(task_id)
    if task.state == ENDED and task.destroyed_at is None:
        at = work.now.replace(microsecond=0)
        signature = trust.own.sign(destroyed_message("custodian", task_hash=task.task_hash, at=at))
        tasks(work).change(task_id, destroyed_at=at, destroyed_signature=signature)
        receipt = CustodianKeysDestroyed(task_id=task_id, destroyed_at=at, signature=signature)
        work.record(sign_message(receipt, trust.own), sequence=4, route="board")
    return Answer(status=200)
