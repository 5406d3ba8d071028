"""The board's composition root."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask_smorest import Blueprint

from services.board import handlers, pages, reports
from services.board.api import build_blueprint
from services.board.store import CLOSED, ENDED, OPEN, PROTECTED, SUMMED, TASKS
from services.board.views import BoardViews
from services.context import Job, ServiceContext
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING
from shared.contracts.custodian import (
    CohortAgreed,
    CustodianKeysDestroyed,
    OpeningRefused,
    TablesProtected,
    TaskAccepted,
)
from shared.contracts.reporting import ShareSubmitted
from shared.keys.task_keys import TaskKeys
from shared.outbox.committer import Answer, Command
from shared.outbox.inbox import Hearing
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    views = BoardViews(context.client[context.database_name], context.clock.now)
    return [build_blueprint(gateway, views, keys_of=partial(keys_of, context), trust=context.trust)]


def build_pages(context: ServiceContext, gateway: Gateway) -> PageSet:
    """Build the open pages and those of the people who release."""
    views = BoardViews(context.client[context.database_name], context.clock.now)
    return pages.build_pages(gateway, views, trust=context.trust)


def build_hearings(context: ServiceContext) -> list[Hearing]:
    """Say what the board hears."""
    keys = partial(keys_of, context)
    return [
        Hearing(event=ShareSubmitted, handle=partial(reports.take_share, keys_of=keys, trust=context.trust)),
        Hearing(event=TaskAccepted, handle=partial(handlers.open_task, trust=context.trust)),
        Hearing(event=CohortAgreed, handle=partial(handlers.sum_cohort, keys_of=keys, trust=context.trust)),
        Hearing(event=TablesProtected, handle=partial(handlers.keep_tables, trust=context.trust)),
        Hearing(event=OpeningRefused, handle=partial(handlers.keep_refusal, trust=context.trust)),
        Hearing(event=CustodianKeysDestroyed, handle=partial(handlers.keep_receipt, trust=context.trust)),
    ]


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the task clock: it closes tasks, lets them lapse, and destroys the keys of ended ones."""
    tasks = context.client[context.database_name][TASKS]
    keys = partial(keys_of, context)

    def each(query: dict[str, Any], step: Callable[[str, UnitOfWork], Answer]) -> None:
        for task in tasks.find(query, {"_id": 1}):
            run = partial(step, task["_id"])
            context.committer.execute(Command(run=run, aggregates=frozenset({task["_id"]})))

    def run() -> None:
        now = context.clock.now()
        each({"state": OPEN, "closes_at": {"$lte": now}}, close)
        # Not before: the longest wait of all is counted from the closing or from the tables' arrival.
        before = now - NOT_PUBLISHED_AFTER_OPENING
        each({"state": {"$in": [CLOSED, SUMMED, PROTECTED]}, "closes_at": {"$lte": before}}, lapse)
        each({"state": {"$in": list(ENDED)}, "destroyed_at": {"$exists": False}}, destroy)

    def close(task_id: str, work: UnitOfWork) -> Answer:
        return handlers.close_task(task_id, work=work, keys_of=keys, trust=context.trust)

    def lapse(task_id: str, work: UnitOfWork) -> Answer:
        return handlers.lapse(task_id, work=work)

    def destroy(task_id: str, work: UnitOfWork) -> Answer:
        # The keys go first: a receipt is never ahead of the truth, and destroying twice is harmless.
        keys(task_id).destroy()
        return handlers.state_destruction(task_id, work=work, trust=context.trust)

    return [Job(name="task-clock", every_s=context.settings.job_every_s, run=run)]


def keys_of(context: ServiceContext, task_id: str) -> TaskKeys:
    """Give the board's keys of a task."""
    return TaskKeys(folder=Path(context.settings.data_dir) / "tasks", task_id=task_id)
