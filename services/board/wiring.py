"""The board's composition root."""

from functools import partial
from pathlib import Path

from flask_smorest import Blueprint

from services.board import handlers
from services.board.api import build_blueprint
from services.board.store import ENDED, OPEN, TASKS
from services.board.views import BoardViews
from services.context import Job, ServiceContext
from shared.contracts.custodian import CohortAgreed, OpeningRefused, TablesProtected, TaskAccepted
from shared.contracts.reporting import ShareSubmitted
from shared.keys.task_keys import TaskKeys
from shared.outbox.committer import Answer, Command
from shared.outbox.inbox import Hearing
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.gateway import Gateway

OPEN_ROUTES = (("GET", "/"), ("GET", "/static/board.css"))


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes and the page."""
    views = BoardViews(context.client[context.database_name], context.clock.now)
    return [build_blueprint(gateway, views, keys_of=partial(keys_of, context))]


def build_hearings(context: ServiceContext) -> list[Hearing]:
    """Say what the board hears."""
    keys = partial(keys_of, context)
    return [
        Hearing(event=ShareSubmitted, handle=partial(handlers.take_share, keys_of=keys)),
        Hearing(event=TaskAccepted, handle=handlers.open_task),
        Hearing(event=CohortAgreed, handle=partial(handlers.sum_cohort, keys_of=keys)),
        Hearing(event=TablesProtected, handle=handlers.keep_tables),
        Hearing(event=OpeningRefused, handle=handlers.keep_refusal),
    ]


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the job that closes tasks when their time has come, and ends the keys of ended ones."""
    tasks = context.client[context.database_name][TASKS]

    def run() -> None:
        for task in tasks.find({"state": OPEN, "closes_at": {"$lte": context.clock.now()}}, {"_id": 1}):
            close = partial(_close, task["_id"], context)
            context.committer.execute(Command(run=close, aggregates=frozenset({task["_id"]})))
        for task in tasks.find({"state": {"$in": list(ENDED)}}, {"_id": 1}):
            keys_of(context, task["_id"]).destroy()

    return [Job(name="task-clock", every_s=context.settings.job_every_s, run=run)]


def keys_of(context: ServiceContext, task_id: str) -> TaskKeys:
    """Give the board's keys of a task."""
    return TaskKeys(folder=Path(context.settings.data_dir) / "tasks", task_id=task_id)


def _close(task_id: str, context: ServiceContext, work: UnitOfWork) -> Answer:
    return handlers.close_task(task_id, work=work, keys_of=partial(keys_of, context))
