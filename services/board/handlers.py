"""The life of a task at the board: proposed, opened, closed, summed, ended; each function is one transaction."""

from dataclasses import dataclass, replace
from typing import Any

from services.board.errors import (
    CohortRefusedError,
    RosterTooLargeError,
    RosterTooSmallError,
    TaskExistsError,
    TaskTooLateError,
)
from services.board.reports import KeysOf, bound_share_of, judge, name_of_share, share_of
from services.board.store import (
    CLOSED,
    DRAFT,
    ENDED,
    LAPSED,
    LEFT_OUT,
    NOT_PUBLISHED,
    NOT_RECEIVED,
    OPEN,
    PROPOSED,
    PROTECTED,
    REFUSED_DRAFT,
    RELEASES,
    SHARES,
    SUMMED,
    TASKS,
    task_to,
    terms_of,
)
from services.board.tables import check_tables
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING, Period, days_after
from shared.codelists.plan import load_plan
from shared.codelists.plan_compiler import MAX_COVERED, check_fit, check_timing
from shared.contracts.board import (
    BoardKeysDestroyed,
    CheckShare,
    CohortSummed,
    ReportsAccepted,
    TaskOpened,
    TaskProposed,
)
from shared.contracts.custodian import (
    CohortAgreed,
    CustodianKeysDestroyed,
    OpeningRefused,
    TablesProtected,
    TaskAccepted,
)
from shared.contracts.signed import SignedMessage
from shared.contracts.task import (
    POLICY_VERSION,
    PURPOSE,
    TaskDraft,
    TaskTerms,
    accepted_message,
    cohort_message,
    destroyed_message,
    draft_message,
    task_message,
)
from shared.contracts.vector import MAX_HOSTS, VectorLayout
from shared.kernel.messages import Received
from shared.keys import sealing, sharing
from shared.keys.commitments import add_blindings, blindings_to
from shared.keys.messages import check_message, sign_message
from shared.keys.signing import Trust, check_signature
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork

_UNKNOWN_YET = "0" * 64


@dataclass(frozen=True, kw_only=True)
class ProposeTask:
    """The board wants a period counted, by a plan, by these hosts."""

    task_id: str
    period: str
    plan_id: str
    roster: tuple[str, ...]


def propose_task(command: ProposeTask, *, work: UnitOfWork, keys_of: KeysOf, trust: Trust) -> Answer:
    """Propose a task to the custodian; hosts hear of it when the custodian has made its keys and signed.

    Raises:
        TaskExistsError, TaskTooLateError, RosterTooSmallError, RosterTooLargeError, UnknownHostError,
        UnknownPlanError, PlanRefusedError, InvalidPeriodError: Nothing is proposed.
    """
    declared = load_plan(command.plan_id)
    period = Period.parse(command.period)
    check_timing(declared, command.period, period.starts_on())
    if len(set(command.roster)) < declared.minimums.hosts:
        raise RosterTooSmallError(declared.minimums.hosts)
    if len(set(command.roster)) > MAX_HOSTS:
        raise RosterTooLargeError(MAX_HOSTS)
    if work.find_where(TASKS, {"period": command.period, "state": {"$ne": REFUSED_DRAFT}}, limit=1):
        raise TaskExistsError(command.period)
    if work.now >= period.seal_at():
        raise TaskTooLateError(command.period)
    covers = _covers(work, period)
    check_fit(declared, command.period, covers)
    draft = TaskDraft(
        task_id=command.task_id,
        period=command.period,
        covers=covers,
        purpose=PURPOSE,
        policy_version=POLICY_VERSION,
        plan_id=declared.id,
        plan_hash=_UNKNOWN_YET,
        roster=tuple(trust.hosts.get(host) for host in sorted(set(command.roster))),
        seal_at=period.seal_at(),
        closes_at=period.closes_at(),
        board_key=_UNKNOWN_YET,
    )
    draft = _with_plan_hash(draft)
    for task in work.find_where(TASKS, {"unopened": {"$ne": True}, "state": {"$ne": REFUSED_DRAFT}}):
        if draft.repeats(terms_of(task).draft):
            raise TaskExistsError(command.period)
    # Last of all, so that what is refused leaves no key behind.
    draft = replace(draft, board_key=keys_of(command.task_id).server_key().public_bytes.hex())
    # Until the custodian has answered, its two keys are not known and the task has no hash that counts.
    terms = TaskTerms(draft=draft, custodian_key=_UNKNOWN_YET, coin_key_hash=_UNKNOWN_YET)
    work.insert(TASKS, task_to(terms, PROPOSED))
    proposed = TaskProposed(task_id=draft.task_id, draft=draft, signature=trust.own.sign(draft_message(draft.hash())))
    work.record(sign_message(proposed, trust.own), sequence=1, route="custodian")
    return Answer(status=201, ids={"id": command.task_id, "period": command.period, "version": 1})


def open_task(received: Received[TaskAccepted], work: UnitOfWork, *, trust: Trust) -> None:
    """Tell the hosts of a task once the custodian serves it.

    Raises:
        SignatureRefusedError: The custodian did not sign these terms.
    """
    event = received.event
    task = work.get(TASKS, event.task_id)
    _check_whole(event, task, trust)
    if task["state"] != PROPOSED:
        return
    terms = TaskTerms(draft=terms_of(task).draft, custodian_key=event.custodian_key, coin_key_hash=event.coin_key_hash)
    message = task_message(terms.hash())
    check_signature(trust.custodian, event.signature, message)
    signature = trust.own.sign(message)
    signatures = {"board_signature": signature, "custodian_signature": event.signature}
    work.replace(TASKS, {**task, **task_to(terms, OPEN), **signatures})
    opened = TaskOpened(
        task_id=event.task_id, terms=terms, board_signature=signature, custodian_signature=event.signature
    )
    work.record(sign_message(opened, trust.own), sequence=2, route="hosts")


def close_task(task_id: str, *, work: UnitOfWork, keys_of: KeysOf, trust: Trust) -> Answer:
    """Close a task: tell the custodian which reports are here, with their check shares, and silent hosts so."""
    task = work.get(TASKS, task_id)
    if task["state"] != OPEN or work.now < task["closes_at"]:
        return Answer(status=200)
    shares = work.find_where(SHARES, {"task_id": task_id}, sort=[("report_id", 1)])
    checks = tuple(_check_of(task, share, keys_of) for share in shares)
    accepted = [check.report_id for check in checks]
    for host in sorted(set(task["roster"]) - {s["host"] for s in shares}):
        judge(work, task, host, NOT_RECEIVED, "NOT_RECEIVED", trust=trust)
    work.replace(TASKS, {**task, "state": CLOSED, "accepted": accepted})
    message = accepted_message("board", task_hash=task["task_hash"], report_ids=accepted)
    reports = ReportsAccepted(task_id=task_id, checks=checks, signature=trust.own.sign(message))
    work.record(sign_message(reports, trust.own), sequence=3, route="custodian")
    return Answer(status=200)


def sum_cohort(received: Received[CohortAgreed], work: UnitOfWork, *, keys_of: KeysOf, trust: Trust) -> None:
    """Store the cohort and send the sum over exactly it, once, in one transaction.

    Raises:
        SignatureRefusedError, CohortRefusedError: No sum leaves.
    """
    event = received.event
    task = work.get(TASKS, event.task_id)
    _check_whole(event, task, trust)
    if task["state"] != CLOSED:
        return
    check_signature(trust.custodian, event.signature, cohort_message(event.cohort_hash))
    terms = terms_of(task)
    agreed = sharing.cohort_hash(task["task_hash"], event.report_ids)
    cohort = frozenset(event.report_ids)
    if agreed != event.cohort_hash or not cohort <= set(task["accepted"]):
        raise CohortRefusedError
    # The custodian is not believed in this either: a report named twice, or fewer than five, would be opened alone.
    if len(cohort) != len(event.report_ids) or len(cohort) < terms.draft.plan().minimums.hosts:
        raise CohortRefusedError
    shares = {s["report_id"]: s for s in work.find_where(SHARES, {"task_id": event.task_id})}
    content = _sum_of(task, [shares[i] for i in sorted(event.report_ids)], keys_of)
    context = sharing.sum_context(task_hash=task["task_hash"], period=task["period"])
    sealed = sealing.seal(bytes.fromhex(terms.custodian_key), content, context)
    for report_id in sorted(set(task["accepted"]) - set(event.report_ids)):
        judge(work, task, shares[report_id]["host"], LEFT_OUT, "NOT_IN_COHORT", trust=trust)
    signature = trust.own.sign(cohort_message(agreed))
    agreement: dict[str, Any] = {"cohort_hash": agreed, "cohort_size": len(cohort)}
    agreement |= {"cohort_signatures": {"board": signature, "custodian": event.signature}}
    work.replace(TASKS, {**task, **agreement, "state": SUMMED})
    summed = CohortSummed(
        task_id=event.task_id, cohort_hash=agreed, signature=signature, sealed=sealing.to_text(sealed)
    )
    work.record(sign_message(summed, trust.own), sequence=4, route="custodian")


def keep_tables(received: Received[TablesProtected], work: UnitOfWork, *, trust: Trust) -> None:
    """Keep the protected tables until they are published; the shares are deleted.

    Raises:
        SignatureRefusedError: The custodian did not sign these very tables.
        TablesRefusedError: They are no protected tables of the task's plan.
    """
    event = received.event
    task = work.get(TASKS, event.task_id)
    _check_whole(event, task, trust)
    if task["state"] != SUMMED or task["cohort_hash"] != event.cohort_hash:
        return
    check_tables(event, terms_of(task).draft.plan(), task["cohort_size"])
    tables = [
        {"table": t.table, "status": t.status, "level": t.level, "cells": {c.category: c.value for c in t.cells}}
        for t in event.tables
    ]
    _end(work, task, PROTECTED, {"people": event.people, "hosts": event.hosts, "tables": tables})


def keep_refusal(received: Received[OpeningRefused], work: UnitOfWork, *, trust: Trust) -> None:
    """Note that a task ended without tables; nobody is told why.

    A refusal before any sum left means that too few hosts reported: the next task covers this period too. One of a
    draft means that the custodian does not serve it: the period is free for another.

    Raises:
        SignatureRefusedError: The custodian did not sign it.
    """
    event = received.event
    task = work.get(TASKS, event.task_id)
    _check_whole(event, task, trust)
    if task["state"] == PROPOSED:
        _end(work, task, REFUSED_DRAFT, None)
    elif task["state"] not in ENDED:
        _end(work, {**task, "unopened": task["state"] == CLOSED}, NOT_PUBLISHED, None)


def lapse(task_id: str, *, work: UnitOfWork) -> Answer:
    """End a task of which nothing was published in 14 days; a waiting draft lapses with it.

    A draft that the custodian never answered is over when its seal comes: no host can know of it in time any more.
    """
    task = work.get(TASKS, task_id)
    if task["state"] == PROPOSED and work.now >= task["seal_at"]:
        _end(work, task, REFUSED_DRAFT, None)
    since = task["ended_at"] if task["state"] == PROTECTED else task["closes_at"]
    if task["state"] in (OPEN, CLOSED, SUMMED, PROTECTED) and work.now >= days_after(
        since, NOT_PUBLISHED_AFTER_OPENING
    ):
        for draft in work.find_where(RELEASES, {"task_id": task_id, "state": DRAFT}):
            work.replace(RELEASES, {**draft, "state": LAPSED, "people": None, "tables": []})
        _end(work, task, NOT_PUBLISHED, None)
    return Answer(status=200)


def state_destruction(task_id: str, *, work: UnitOfWork, trust: Trust) -> Answer:
    """State, signed, that the board's keys of an ended task are gone; call it after they are."""
    task = work.get(TASKS, task_id)
    if task["state"] in ENDED and "destroyed_at" not in task:
        at = work.now.replace(microsecond=0)
        signature = trust.own.sign(destroyed_message("board", task_hash=task["task_hash"], at=at))
        work.replace(TASKS, {**task, "destroyed_at": at, "destroyed_signature": signature})
        # A custodian that refused a draft made no key for it and keeps nothing of it.
        if task["state"] != REFUSED_DRAFT:
            receipt = BoardKeysDestroyed(task_id=task_id, destroyed_at=at, signature=signature)
            work.record(sign_message(receipt, trust.own), sequence=5, route="custodian")
    return Answer(status=200)


def keep_receipt(received: Received[CustodianKeysDestroyed], work: UnitOfWork, *, trust: Trust) -> None:
    """Keep the custodian's signed receipt that its keys of a task are gone.

    Raises:
        SignatureRefusedError: It is not the custodian's.
    """
    event = received.event
    task = work.get(TASKS, event.task_id)
    _check_whole(event, task, trust)
    message = destroyed_message("custodian", task_hash=task["task_hash"], at=event.destroyed_at)
    check_signature(trust.custodian, event.signature, message)
    receipt = {"destroyed_at": event.destroyed_at, "signature": event.signature}
    work.replace(TASKS, {**task, "custodian_receipt": receipt})


def _check_whole(event: SignedMessage, task: dict[str, Any], trust: Trust) -> None:
    check_message(event, trust.custodian, required=terms_of(task).draft.is_bound)


def _check_of(task: dict[str, Any], share: dict[str, Any], keys_of: KeysOf) -> CheckShare:
    """Compute what the custodian compares with its own half of one report; nothing of it says a figure."""
    draft = terms_of(task).draft
    checks = VectorLayout.of(draft.plan()).checks(share_of(task, share, keys_of))
    return CheckShare(
        report_id=share["report_id"],
        values=tuple(int(value) for value in checks),
        share=name_of_share(task, share, keys_of) if draft.is_bound else None,
    )


def _sum_of(task: dict[str, Any], shares: list[dict[str, Any]], keys_of: KeysOf) -> bytes:
    """Add up shares and, where the task asks for it, their blindings, which bind the sum to what the hosts sent."""
    draft = terms_of(task).draft
    length = VectorLayout.of(draft.plan()).length
    if not draft.is_bound:
        return sharing.to_bytes(sharing.add_up((share_of(task, share, keys_of) for share in shares), length))
    opened = [bound_share_of(task, share, keys_of) for share in shares]
    total = sharing.add_up((content for content, _ in opened), length)
    return sharing.with_more(total, blindings_to(add_blindings((one for _, one in opened), length)))


def _covers(work: UnitOfWork, period: Period) -> tuple[str, ...]:
    """Give the periods to count: this one, after those before it whose task was never opened."""
    before = work.find_where(
        TASKS, {"period": str(period.previous()), "state": NOT_PUBLISHED, "unopened": True}, limit=1
    )
    return (*(before[0]["covers"][1 - MAX_COVERED :] if before else ()), str(period))


def _with_plan_hash(draft: TaskDraft) -> TaskDraft:
    return replace(draft, plan_hash=draft.plan().hash())


def _end(work: UnitOfWork, task: dict[str, Any], state: str, result: dict[str, Any] | None) -> None:
    for share in work.find_where(SHARES, {"task_id": task["_id"]}):
        work.delete(SHARES, share["_id"])
    work.replace(TASKS, {**task, "state": state, "result": result, "ended_at": work.now})
