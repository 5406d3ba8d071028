"""One function for each fact heard; each is one transaction. The opening itself is a job."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from services.custodian.domain.opening import HeldSeed, agree_cohort, may_open
from services.custodian.errors import NotClosedYetError, ReportRefusedError, SecondOpeningError
from services.custodian.store import AGREED, ENDED, OPEN, SEEDS, SUMMED, TASKS, seed_id
from shared.codelists.plan import load_plan
from shared.contracts.board import CohortSummed, ReportsAccepted, TaskProposed, task_hash
from shared.contracts.custodian import CohortAgreed, OpeningRefused, TaskAccepted
from shared.contracts.reporting import SeedSubmitted
from shared.contracts.vector import VectorLayout
from shared.kernel.errors import PoisonMessageError
from shared.kernel.messages import Received
from shared.keys import sealing, sharing
from shared.keys.task_keys import TaskKeys
from shared.outbox.unit_of_work import UnitOfWork

KeysOf = Callable[[str], TaskKeys]


class OtherPlanError(PoisonMessageError):
    """The task's plan is not the plan of this version."""

    code = "wrong-plan"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__("The task's plan is not the plan of this version; upgrade before the seal.")


def accept_task(received: Received, work: UnitOfWork, *, keys_of: KeysOf) -> None:
    """Make this server's keys for a task and agree to serve it.

    Raises:
        OtherPlanError: The plan is unknown here.
    """
    event = received.event
    if not isinstance(event, TaskProposed):
        raise TypeError(type(event).__name__)
    if work.find(TASKS, event.task_id) is not None:
        return
    if load_plan(event.plan_id).hash() != event.plan_hash:
        raise OtherPlanError
    keys = keys_of(event.task_id)
    document = {**asdict(event), "_id": event.task_id, "roster": list(event.roster)}
    work.insert(TASKS, {**document, "state": OPEN, "task_hash": task_hash(event)})
    accepted = TaskAccepted(
        task_id=event.task_id,
        custodian_key=keys.server_key().public_bytes.hex(),
        coin_key_hash=sha256(keys.coin_key().secret).hexdigest(),
    )
    work.record(accepted, sequence=1, route="board")


def take_seed(received: Received, work: UnitOfWork, *, keys_of: KeysOf) -> None:
    """Take a host's half of a report: one a host and task, sealed as it came.

    Raises:
        ReportRefusedError: Wrong task, host or time, or a second report.
        PoisonMessageError: It does not open here.
    """
    event = received.event
    if not isinstance(event, SeedSubmitted):
        raise TypeError(type(event).__name__)
    task = work.find(TASKS, event.task_id)
    if task is None:
        raise ReportRefusedError("report-unknown-task")
    if event.host != received.sender or event.host not in task["roster"]:
        raise ReportRefusedError("report-wrong-host")
    if task["state"] != OPEN or work.now >= task["closes_at"]:
        raise ReportRefusedError("report-late")
    known = work.find(SEEDS, seed_id(event.task_id, event.host))
    if known is not None:
        if known["report_id"] == event.report_id:
            return
        raise ReportRefusedError("report-second")
    document = {
        "_id": seed_id(event.task_id, event.host),
        "task_id": event.task_id,
        "host": event.host,
        "report_id": event.report_id,
        "sealed": event.sealed,
    }
    expansion_of(task, document, keys_of)
    work.insert(SEEDS, document)


def agree(received: Received, work: UnitOfWork, *, keys_of: KeysOf) -> None:
    """Agree on the cohort, durably, or end the task with the one fixed refusal.

    Raises:
        NotClosedYetError: This server still takes reports.
    """
    event = received.event
    if not isinstance(event, ReportsAccepted):
        raise TypeError(type(event).__name__)
    task = work.get(TASKS, event.task_id)
    if task["state"] != OPEN:
        return
    if work.now < task["closes_at"]:
        raise NotClosedYetError
    plan = load_plan(task["plan_id"])
    layout = VectorLayout.of(plan)
    held = {
        s["report_id"]: HeldSeed(
            host=s["host"], checks=tuple(int(v) for v in layout.checks(expansion_of(task, s, keys_of)))
        )
        for s in work.find_where(SEEDS, {"task_id": event.task_id})
    }
    cohort = agree_cohort(
        board={check.report_id: check.values for check in event.checks},
        custodian=held,
        roster=task["roster"],
        check_count=layout.check_count,
    )
    if not may_open(len(cohort), plan.minimums):
        end_task(work, task, "TOO_FEW_HOSTS")
        work.record(OpeningRefused(task_id=event.task_id), sequence=2, route="board")
        return
    agreed = sharing.cohort_hash(task["task_hash"], cohort)
    work.replace(TASKS, {**task, "state": AGREED, "cohort": list(cohort), "cohort_hash": agreed})
    work.record(CohortAgreed(task_id=event.task_id, report_ids=cohort, cohort_hash=agreed), sequence=2, route="board")


def take_sum(received: Received, work: UnitOfWork) -> None:
    """Note the board's sum, once, for the job that opens it.

    Raises:
        SecondOpeningError: There was one, or it is over another cohort.
    """
    event = received.event
    if not isinstance(event, CohortSummed):
        raise TypeError(type(event).__name__)
    task = work.get(TASKS, event.task_id)
    if task["state"] != AGREED or task["cohort_hash"] != event.cohort_hash:
        raise SecondOpeningError
    # This line is the durable record of the one opening; the job repeats from it, never from another sum.
    work.replace(TASKS, {**task, "state": SUMMED, "sealed_sum": event.sealed})


def end_task(work: UnitOfWork, task: Mapping[str, Any], verdict: str) -> None:
    """End a task: the seeds and the sum go; the keys go right after the commit."""
    for seed in work.find_where(SEEDS, {"task_id": task["_id"]}):
        work.delete(SEEDS, seed["_id"])
    work.replace(TASKS, {**task, "state": ENDED, "verdict": verdict, "sealed_sum": None})


def expansion_of(task: Mapping[str, Any], seed: Mapping[str, Any], keys_of: KeysOf) -> sharing.Share:
    """Give the stream of one report, whose sum with share A is the host's vector."""
    context = sharing.report_context(
        task_hash=task["task_hash"], period=task["period"], host=seed["host"], report_id=seed["report_id"]
    )
    opened = keys_of(task["_id"]).existing_server_key().open_sealed(sealing.from_text(seed["sealed"]), context)
    return sharing.expand(opened, context, VectorLayout.of(load_plan(task["plan_id"])).length)
