"""The life of a task at the custodian; each function is one transaction. The opening itself is a job."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.custodian.domain.opening import HeldSeed, agree_cohort, may_open
from services.custodian.errors import NotClosedYetError, SecondOpeningError, TaskRefusedError
from services.custodian.reports import KeysOf, expansion_of
from services.custodian.store import AGREED, ENDED, OPEN, SEEDS, SUMMED, TASKS, task_to, terms_of
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING, Period, days_after
from shared.codelists.plan_compiler import check_fit, check_timing
from shared.contracts.board import BoardKeysDestroyed, CohortSummed, ReportsAccepted, TaskProposed
from shared.contracts.custodian import CohortAgreed, CustodianKeysDestroyed, OpeningRefused, TaskAccepted
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
from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.kernel.messages import AuditIntent, Received
from shared.keys import proofs, sharing
from shared.keys.messages import check_message, sign_message
from shared.keys.signing import Trust, check_signature
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.logs import get_logger

log = get_logger(__name__)


def accept_task(received: Received[TaskProposed], work: UnitOfWork, *, keys_of: KeysOf, trust: Trust) -> None:
    """Make this server's keys for a task and sign its complete terms.

    The custodian believes nothing that the board says of a host: each key on the roster must be the one in its
    own register.

    One that it does not serve gets the one fixed refusal, so that the board's period is free again; why, the
    custodian's own log and audit say.

    Raises:
        SignatureRefusedError: The board did not sign it; nobody is answered.
    """
    event = received.event
    if work.find(TASKS, event.task_id) is not None:
        return
    draft = event.draft
    check_message(event, trust.board)
    check_signature(trust.board, event.signature, draft_message(draft.hash()))
    try:
        _check_draft(event.task_id, draft, work, trust)
    except (TaskRefusedError, InvalidInputError, NotFoundError) as error:
        log.warning("a draft is not served", task_id=event.task_id, error_code=error.code)
        work.audit(
            AuditIntent(
                action="custodian:task:accept",
                actor_id=received.sender,
                role="BOARD",
                object_id=event.task_id,
                outcome="REFUSED",
                at=work.now,
            )
        )
        work.record(sign_message(OpeningRefused(task_id=event.task_id), trust.own), sequence=1, route="board")
        return
    keys = keys_of(event.task_id)
    terms = TaskTerms(
        draft=draft,
        custodian_key=keys.server_key().public_bytes.hex(),
        coin_key_hash=keys.coin_key().commitment,
    )
    signature = trust.own.sign(task_message(terms.hash()))
    work.insert(TASKS, {**task_to(terms, OPEN), "custodian_signature": signature})
    accepted = TaskAccepted(
        task_id=event.task_id,
        custodian_key=terms.custodian_key,
        coin_key_hash=terms.coin_key_hash,
        signature=signature,
    )
    work.record(sign_message(accepted, trust.own), sequence=1, route="board")


def agree(received: Received[ReportsAccepted], work: UnitOfWork, *, keys_of: KeysOf, trust: Trust) -> None:
    """Agree on the cohort, durably, or end the task with the one fixed refusal.

    A host whose proof did not hold has no seed here, and one whose halves do not belong together is left out now: each
    is named in this server's audit, before anything is opened, and the others are counted without it.

    Raises:
        SignatureRefusedError: The list is not the board's, or a value of it was changed.
        NotClosedYetError: This server still takes reports.
    """
    event = received.event
    task = work.get(TASKS, event.task_id)
    _check_whole(event, task, trust)
    if task["state"] != OPEN:
        return
    listed = [check.report_id for check in event.checks]
    message = accepted_message("board", task_hash=task["task_hash"], report_ids=listed)
    check_signature(trust.board, event.signature, message)
    if work.now < task["closes_at"]:
        raise NotClosedYetError
    plan = terms_of(task).draft.plan()
    layout = VectorLayout.of(plan)
    held = {
        s["report_id"]: HeldSeed(
            host=s["host"],
            checks=tuple(int(v) for v in layout.checks(expansion_of(task, s, keys_of))),
            share=s.get("share"),
        )
        for s in work.find_where(SEEDS, {"task_id": event.task_id})
    }
    own_list = accepted_message("custodian", task_hash=task["task_hash"], report_ids=held)
    lists = {"board_list": event.signature, "own_list": trust.own.sign(own_list)}
    cohort = agree_cohort(
        board={check.report_id: check.values for check in event.checks},
        custodian=held,
        roster=task["roster"],
        check_count=layout.check_count,
        shares={check.report_id: check.share for check in event.checks},
    )
    for report_id in sorted(set(held) - set(cohort)):
        work.audit(_left_out(task["_id"], held[report_id].host, work.now))
    if not may_open(len(cohort), plan.minimums):
        end_task(work, {**task, **lists}, "TOO_FEW_HOSTS")
        work.record(sign_message(OpeningRefused(task_id=event.task_id), trust.own), sequence=2, route="board")
        return
    agreed = sharing.cohort_hash(task["task_hash"], cohort)
    signature = trust.own.sign(cohort_message(agreed))
    agreement = {"cohort": list(cohort), "cohort_hash": agreed, "cohort_signatures": {"custodian": signature}}
    work.replace(TASKS, {**task, **lists, **agreement, "state": AGREED})
    sent = CohortAgreed(task_id=event.task_id, report_ids=cohort, cohort_hash=agreed, signature=signature)
    work.record(sign_message(sent, trust.own), sequence=2, route="board")


def take_sum(received: Received[CohortSummed], work: UnitOfWork, *, trust: Trust) -> None:
    """Note the board's sum, once, for the job that opens it.

    Raises:
        SignatureRefusedError: The board did not sign this cohort, or this very sum.
        SecondOpeningError: There was a sum already, or it is over another cohort.
    """
    event = received.event
    task = work.get(TASKS, event.task_id)
    _check_whole(event, task, trust)
    if task["state"] != AGREED or task["cohort_hash"] != event.cohort_hash:
        raise SecondOpeningError
    check_signature(trust.board, event.signature, cohort_message(event.cohort_hash))
    signatures = {**task["cohort_signatures"], "board": event.signature}
    # This line is the durable record of the one opening; the job repeats from it, never from another sum.
    work.replace(TASKS, {**task, "state": SUMMED, "sealed_sum": event.sealed, "cohort_signatures": signatures})


def end_task(work: UnitOfWork, task: Mapping[str, Any], verdict: str) -> None:
    """End a task: the seeds and the sum go; the keys go right after the commit."""
    for seed in work.find_where(SEEDS, {"task_id": task["_id"]}):
        work.delete(SEEDS, seed["_id"])
    work.replace(TASKS, {**task, "state": ENDED, "verdict": verdict, "sealed_sum": None})


def lapse(task_id: str, *, work: UnitOfWork) -> Answer:
    """End a task of which nothing was opened in 14 days after the closing: a silent other side, or a sum that stuck.

    A period of which the board sent a sum counts as counted, whatever became of it.
    """
    task = work.get(TASKS, task_id)
    over = work.now >= days_after(task["closes_at"], NOT_PUBLISHED_AFTER_OPENING)
    if over and task["state"] in (OPEN, AGREED, SUMMED):
        end_task(work, task, "NOT_OPENED" if task["state"] == SUMMED else "LAPSED")
    return Answer(status=200)


def state_destruction(task_id: str, *, work: UnitOfWork, trust: Trust) -> Answer:
    """State, signed, that every key of an ended task is gone; call it after they are."""
    task = work.get(TASKS, task_id)
    if task["state"] == ENDED and "destroyed_at" not in task:
        at = work.now.replace(microsecond=0)
        signature = trust.own.sign(destroyed_message("custodian", task_hash=task["task_hash"], at=at))
        work.replace(TASKS, {**task, "destroyed_at": at, "destroyed_signature": signature})
        receipt = CustodianKeysDestroyed(task_id=task_id, destroyed_at=at, signature=signature)
        work.record(sign_message(receipt, trust.own), sequence=4, route="board")
    return Answer(status=200)


def keep_receipt(received: Received[BoardKeysDestroyed], work: UnitOfWork, *, trust: Trust) -> None:
    """Keep the board's signed receipt that its keys of a task are gone.

    Raises:
        SignatureRefusedError: It is not the board's.
    """
    event = received.event
    task = work.get(TASKS, event.task_id)
    _check_whole(event, task, trust)
    message = destroyed_message("board", task_hash=task["task_hash"], at=event.destroyed_at)
    check_signature(trust.board, event.signature, message)
    receipt = {"destroyed_at": event.destroyed_at, "signature": event.signature}
    work.replace(TASKS, {**task, "board_receipt": receipt})


def _check_whole(event: SignedMessage, task: dict[str, Any], trust: Trust) -> None:
    check_message(event, trust.board, required=terms_of(task).draft.is_bound)


def _left_out(task_id: str, host: str, at: datetime) -> AuditIntent:
    """Name a host that is in no cohort, for this server's own auditors; by which rule is not said."""
    return AuditIntent(
        action="custodian:report:leave-out",
        actor_id=host,
        role="HOST",
        object_id=task_id,
        outcome="LEFT_OUT",
        at=at,
    )


def _check_draft(task_id: str, draft: TaskDraft, work: UnitOfWork, trust: Trust) -> None:
    period = Period.parse(draft.period)
    plan = draft.plan()
    check_timing(plan, draft.period, period.starts_on())
    check_fit(plan, draft.period, draft.covers)
    known = {entry.host: trust.hosts.get(entry.host) for entry in draft.roster}
    complaints = {
        "its id and draft are not of one task": draft.task_id != task_id,
        "its purpose or policy is not this version's": (draft.purpose, draft.policy_version)
        != (PURPOSE, POLICY_VERSION),
        "its plan is not the plan of this version": plan.hash() != draft.plan_hash,
        "its seal or closing is not the period's": (draft.seal_at, draft.closes_at)
        != (period.seal_at(), period.closes_at()),
        "a host on its roster has another key, nation or setting here": any(
            known[entry.host] != entry for entry in draft.roster
        ),
        "a host is on its roster twice": len(known) != len(draft.roster),
        "its roster has fewer hosts than a cohort needs": len(known) < plan.minimums.hosts,
        "its plan has more categories than a report can prove": proofs.size(VectorLayout.of(plan)) > proofs.MAX_BYTES,
        "its roster has more hosts than sums can hold": len(known) > MAX_HOSTS,
        "it covers an earlier period whose task was opened, or that had none": any(
            not work.find_where(TASKS, {"period": covered, "verdict": {"$in": _UNOPENED}}, limit=1)
            for covered in draft.covers[:-1]
        ),
        "its period was counted before": any(
            work.find_where(TASKS, {"terms.draft.covers": covered, "verdict": {"$nin": _UNOPENED}}, limit=1)
            for covered in draft.covers
        ),
        "its tables would count a quarter's people a second time": any(
            draft.repeats(terms_of(task).draft) for task in work.find_where(TASKS, {"verdict": {"$nin": _UNOPENED}})
        ),
    }
    for why, holds in complaints.items():
        if holds:
            raise TaskRefusedError(why)


_UNOPENED = ["TOO_FEW_HOSTS", "LAPSED"]
