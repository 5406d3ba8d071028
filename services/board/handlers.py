"""One function for each command and each fact heard; each is one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from services.board.errors import NothingToPublishError, ReportRefusedError, RosterTooSmallError, TaskExistsError
from services.board.store import (
    CLOSED,
    ENDED,
    NOT_PUBLISHED,
    OPEN,
    PROPOSED,
    PROTECTED,
    RELEASED,
    RELEASES,
    SHARES,
    SUMMED,
    TASKS,
    share_id,
)
from shared.codelists.periods import Period
from shared.codelists.plan import load_plan
from shared.contracts.board import (
    CheckShare,
    CohortSummed,
    ReleasePublished,
    ReportsAccepted,
    TaskOpened,
    TaskProposed,
    task_hash,
)
from shared.contracts.custodian import CohortAgreed, OpeningRefused, TablesProtected, TaskAccepted
from shared.contracts.reporting import ShareSubmitted
from shared.contracts.vector import VectorLayout
from shared.kernel.messages import Received
from shared.keys import sealing, sharing
from shared.keys.task_keys import TaskKeys
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork

KeysOf = Callable[[str], TaskKeys]


@dataclass(frozen=True, kw_only=True)
class ProposeTask:
    """The board wants a period counted, by a plan, by these hosts."""

    task_id: str
    period: str
    plan_id: str
    roster: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PublishRelease:
    """A statistician publishes the protected tables of a task."""

    release_id: str
    task_id: str


def propose_task(command: ProposeTask, *, work: UnitOfWork, keys_of: KeysOf) -> Answer:
    """Propose a task to the custodian; hosts hear of it when the custodian has made its keys.

    Raises:
        TaskExistsError, RosterTooSmallError, UnknownPlanError, InvalidPeriodError: Nothing is proposed.
    """
    plan = load_plan(command.plan_id)
    period = Period.parse(command.period)
    if len(set(command.roster)) < plan.minimums.hosts:
        raise RosterTooSmallError(plan.minimums.hosts)
    if work.find_where(TASKS, {"period": command.period}, limit=1):
        raise TaskExistsError(command.period)
    proposed = TaskProposed(
        task_id=command.task_id,
        period=command.period,
        plan_id=plan.id,
        plan_hash=plan.hash(),
        roster=tuple(sorted(set(command.roster))),
        seal_at=period.seal_at(),
        closes_at=period.closes_at(),
    )
    document = {**asdict(proposed), "_id": command.task_id, "state": PROPOSED, "task_hash": task_hash(proposed)}
    document["board_key"] = keys_of(command.task_id).server_key().public_bytes.hex()
    work.insert(TASKS, {**document, "roster": list(proposed.roster)})
    work.record(proposed, sequence=1, route="custodian")
    return Answer(status=201, ids={"id": command.task_id, "period": command.period, "version": 1})


def open_task(received: Received, work: UnitOfWork) -> None:
    """Tell the hosts of a task once the custodian serves it."""
    event = received.event
    if not isinstance(event, TaskAccepted):
        raise TypeError(type(event).__name__)
    task = work.get(TASKS, event.task_id)
    if task["state"] != PROPOSED:
        return
    opened = TaskOpened(
        **{name: task[name] for name in ("task_id", "period", "plan_id", "plan_hash", "seal_at", "closes_at")},
        roster=tuple(task["roster"]),
        board_key=task["board_key"],
        custodian_key=event.custodian_key,
        coin_key_hash=event.coin_key_hash,
    )
    keys = {"custodian_key": event.custodian_key, "coin_key_hash": event.coin_key_hash}
    work.replace(TASKS, {**task, **keys, "state": OPEN})
    work.record(opened, sequence=2, route="hosts")


def take_share(received: Received, work: UnitOfWork, *, keys_of: KeysOf) -> None:
    """Take a host's half of a report: one a host and task, sealed as it came.

    Raises:
        ReportRefusedError: Wrong task, host or time, or a second report.
        PoisonMessageError: It does not open here, or is of another plan.
    """
    event = received.event
    if not isinstance(event, ShareSubmitted):
        raise TypeError(type(event).__name__)
    task = work.find(TASKS, event.task_id)
    if task is None or task["state"] in (PROPOSED, *ENDED):
        raise ReportRefusedError("report-unknown-task")
    if event.host != received.sender or event.host not in task["roster"]:
        raise ReportRefusedError("report-wrong-host")
    if task["state"] != OPEN or work.now >= task["closes_at"]:
        raise ReportRefusedError("report-late")
    known = work.find(SHARES, share_id(event.task_id, event.host))
    if known is not None:
        if known["report_id"] == event.report_id:
            return
        raise ReportRefusedError("report-second")
    _open_share(task, event.host, event.report_id, event.sealed, keys_of)
    work.insert(
        SHARES,
        {
            "_id": share_id(event.task_id, event.host),
            "task_id": event.task_id,
            "host": event.host,
            "report_id": event.report_id,
            "sealed": event.sealed,
        },
    )


def close_task(task_id: str, *, work: UnitOfWork, keys_of: KeysOf) -> Answer:
    """Close a task: tell the custodian which reports are here, with their check shares."""
    task = work.get(TASKS, task_id)
    if task["state"] != OPEN or work.now < task["closes_at"]:
        return Answer(status=200)
    layout = VectorLayout.of(load_plan(task["plan_id"]))
    checks = tuple(
        CheckShare(report_id=s["report_id"], values=tuple(int(v) for v in layout.checks(_share_of(task, s, keys_of))))
        for s in work.find_where(SHARES, {"task_id": task_id}, sort=[("report_id", 1)])
    )
    hosts = sorted(s["host"] for s in work.find_where(SHARES, {"task_id": task_id}))
    accepted = [check.report_id for check in checks]
    work.replace(TASKS, {**task, "state": CLOSED, "accepted": accepted, "sent_hosts": hosts})
    work.record(ReportsAccepted(task_id=task_id, checks=checks), sequence=3, route="custodian")
    return Answer(status=200)


def sum_cohort(received: Received, work: UnitOfWork, *, keys_of: KeysOf) -> None:
    """Store the cohort and send the sum over exactly it, once, in one transaction."""
    event = received.event
    if not isinstance(event, CohortAgreed):
        raise TypeError(type(event).__name__)
    task = work.get(TASKS, event.task_id)
    if task["state"] != CLOSED:
        return
    shares = {s["report_id"]: s for s in work.find_where(SHARES, {"task_id": event.task_id})}
    agreed = sharing.cohort_hash(task["task_hash"], event.report_ids)
    if agreed != event.cohort_hash or not set(event.report_ids) <= set(task["accepted"]):
        raise ReportRefusedError("cohort-not-ours")
    layout = VectorLayout.of(load_plan(task["plan_id"]))
    total = sharing.add_up((_share_of(task, shares[i], keys_of) for i in sorted(event.report_ids)), layout.length)
    context = sum_context(task)
    sealed = sealing.seal(bytes.fromhex(task["custodian_key"]), sharing.to_bytes(total), context)
    work.replace(TASKS, {**task, "state": SUMMED, "cohort_hash": agreed, "cohort_size": len(event.report_ids)})
    summed = CohortSummed(task_id=event.task_id, cohort_hash=agreed, sealed=sealing.to_text(sealed))
    work.record(summed, sequence=4, route="custodian")


def keep_tables(received: Received, work: UnitOfWork) -> None:
    """Keep the protected tables until they are published; the shares are deleted."""
    event = received.event
    if not isinstance(event, TablesProtected):
        raise TypeError(type(event).__name__)
    task = work.get(TASKS, event.task_id)
    if task["state"] != SUMMED or task["cohort_hash"] != event.cohort_hash:
        return
    tables = [
        {"table": t.table, "status": t.status, "level": t.level, "cells": {c.category: c.value for c in t.cells}}
        for t in event.tables
    ]
    result = {"people": event.people, "hosts": event.hosts, "tables": tables}
    _end(work, task, PROTECTED, result)


def keep_refusal(received: Received, work: UnitOfWork) -> None:
    """Note that a task ended without tables; nobody is told why."""
    event = received.event
    if not isinstance(event, OpeningRefused):
        raise TypeError(type(event).__name__)
    task = work.get(TASKS, event.task_id)
    if task["state"] not in ENDED:
        _end(work, task, NOT_PUBLISHED, None)


def publish_release(command: PublishRelease, *, work: UnitOfWork) -> Answer:
    """Publish a task's protected tables; a release is never changed afterwards.

    Raises:
        NothingToPublishError: There are none, or they are out already.
    """
    task = work.get(TASKS, command.task_id)
    if task["state"] != PROTECTED:
        raise NothingToPublishError
    work.insert(
        RELEASES,
        {
            "_id": command.release_id,
            "task_id": command.task_id,
            "period": task["period"],
            "plan_id": task["plan_id"],
            "roster_size": len(task["roster"]),
            "published_at": work.now,
            **task["result"],
        },
    )
    work.replace(TASKS, {**task, "state": RELEASED})
    published = ReleasePublished(release_id=command.release_id, task_id=command.task_id, period=task["period"])
    work.record(published, sequence=1, route="hosts")
    return Answer(status=201, ids={"id": command.release_id, "period": task["period"]})


def sum_context(task: Mapping[str, Any]) -> bytes:
    """Give the associated data under which the board's sum is sealed."""
    return f"alongside-sum|{task['task_hash']}|{task['period']}".encode()


def _end(work: UnitOfWork, task: dict[str, Any], state: str, result: dict[str, Any] | None) -> None:
    for share in work.find_where(SHARES, {"task_id": task["_id"]}):
        work.delete(SHARES, share["_id"])
    work.replace(TASKS, {**task, "state": state, "result": result})


def _share_of(task: Mapping[str, Any], share: Mapping[str, Any], keys_of: KeysOf) -> sharing.Share:
    return _open_share(task, share["host"], share["report_id"], share["sealed"], keys_of)


def _open_share(task: Mapping[str, Any], host: str, report_id: str, sealed: str, keys_of: KeysOf) -> sharing.Share:
    context = sharing.report_context(task_hash=task["task_hash"], period=task["period"], host=host, report_id=report_id)
    key = keys_of(task["_id"]).existing_server_key()
    content = key.open_sealed(sealing.from_text(sealed), context)
    return sharing.from_bytes(content, VectorLayout.of(load_plan(task["plan_id"])).length)
