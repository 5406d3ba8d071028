"""The board's composition root."""

from functools import partial
from pathlib import Path

from services.board import handlers, pages, reports
from services.board.api import build_blueprint
from services.board.store import TASKS
from services.board.task_clock import TaskClock
from services.board.views import BoardViews
from shared.contracts.custodian import (
    CohortAgreed,
    CustodianKeysDestroyed,
    OpeningRefused,
    TablesProtected,
    TaskAccepted,
)
from shared.contracts.reporting import ShareSubmitted
from shared.keys.task_keys import TaskKeys
from shared.outbox.inbox import Hearing
from shared.runtime.context import Job, ServiceContext
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    views = BoardViews(context.client[context.database_name], context.clock.now, context.trust.hosts.names)
    return [build_blueprint(gateway, views, keys_of=partial(keys_of, context), trust=context.trust)]


def build_pages(context: ServiceContext, gateway: Gateway) -> PageSet:
    """Build the open pages and those of the people who release."""
    views = BoardViews(context.client[context.database_name], context.clock.now, context.trust.hosts.names)
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
    clock = TaskClock(
        tasks=context.client[context.database_name][TASKS],
        committer=context.committer,
        keys_of=partial(keys_of, context),
        trust=context.trust,
        now=context.clock.now,
    )
    return [Job(name="task-clock", every_s=context.settings.job_every_s, run=clock.run)]


def keys_of(context: ServiceContext, task_id: str) -> TaskKeys:
    """Give the board's keys of a task."""
    return TaskKeys(folder=Path(context.settings.data_dir) / "tasks", task_id=task_id)
