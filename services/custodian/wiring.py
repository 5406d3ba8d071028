"""The custodian's composition root."""

from functools import partial
from pathlib import Path
from typing import Any

from services.custodian import handlers, reports
from services.custodian.opening_job import OPENING_JOB, OpeningJob
from services.custodian.releases import read_public_tables
from services.custodian.store import TASKS
from shared.contracts.board import BoardKeysDestroyed, CohortSummed, ReportsAccepted, TaskProposed
from shared.contracts.reporting import SeedSubmitted
from shared.keys.task_keys import TaskKeys
from shared.outbox.inbox import Hearing
from shared.runtime.context import Job, ServiceContext
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway
from shared.web.schemas import listed


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the one route: tasks with their state, no figure."""
    blueprint = Blueprint("custodian", __name__, url_prefix="/v1", description="What the custodian holds")
    tasks = context.client[context.database_name][TASKS]

    @blueprint.get("/tasks")
    def read_tasks() -> dict[str, Any]:
        """List tasks with their state."""
        gateway.require("DATA_GUARDIAN", "PLATFORM_OPERATOR")
        names = ("period", "plan_id", "seal_at", "closes_at", "state")
        rows = [{"id": t["_id"], **{n: t[n] for n in names}} for t in tasks.find().sort("seal_at", 1)]
        return listed(gateway.read("custodian:task:list", "list", lambda: rows))

    return [blueprint]


def build_hearings(context: ServiceContext) -> list[Hearing]:
    """Say what the custodian hears."""
    keys = partial(keys_of, context)
    return [
        Hearing(event=TaskProposed, handle=partial(handlers.accept_task, keys_of=keys, trust=context.trust)),
        Hearing(event=SeedSubmitted, handle=partial(reports.take_seed, keys_of=keys)),
        Hearing(event=ReportsAccepted, handle=partial(handlers.agree, keys_of=keys, trust=context.trust)),
        Hearing(event=CohortSummed, handle=partial(handlers.take_sum, trust=context.trust)),
        Hearing(event=BoardKeysDestroyed, handle=partial(handlers.keep_receipt, trust=context.trust)),
    ]


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the job that opens."""
    job = OpeningJob(
        collection=lambda name: context.client[context.database_name][name],
        committer=context.committer,
        keys_of=partial(keys_of, context),
        trust=context.trust,
        now=context.clock.now,
        public_tables=partial(read_public_tables, Path(context.settings.data_dir)),
        apart=partial(context.apart, context.service, OPENING_JOB) if context.apart is not None else None,
    )
    return [Job(name=OPENING_JOB, every_s=context.settings.job_every_s, run=job.run, one=job.open)]


def keys_of(context: ServiceContext, task_id: str) -> TaskKeys:
    """Give the custodian's keys of a task."""
    return TaskKeys(folder=Path(context.settings.data_dir) / "tasks", task_id=task_id)
