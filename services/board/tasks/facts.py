"""What the custodian says of a task; each handler is one transaction."""

from functools import partial

from services.board.reports.documents import shares
from services.board.reports.halves import sum_of
from services.board.reports.judging import judge
from services.board.reports.rules import LEFT_OUT
from services.board.tasks.documents import tasks
from services.board.tasks.ending import end_task
from services.board.tasks.errors import CohortRefusedError
from services.board.tasks.rules import check_tables
from services.board.tasks.task import (
    CLOSED,
    ENDED,
    NOT_PUBLISHED,
    OPEN,
    PROPOSED,
    PROTECTED,
    REFUSED_DRAFT,
    SUMMED,
    Task,
)
from shared.contracts.board import CohortSummed, TaskOpened
from shared.contracts.custodian import (
    CohortAgreed,
    CustodianKeysDestroyed,
    OpeningRefused,
    TablesProtected,
    TaskAccepted,
)
from shared.contracts.signed import SignedMessage
from shared.contracts.task import TaskTerms, cohort_message, destroyed_message, task_message, terms_to
from shared.kernel.messages import Received
from shared.keys import sealing, sharing
from shared.keys.messages import check_message, sign_message
from shared.keys.signing import Trust, check_signature
from shared.keys.task_keys import KeysOf
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear the custodian."""
    trust = context.trust
    return [
        hears(TaskAccepted, partial(open_task, trust=trust)),
        hears(CohortAgreed, partial(sum_cohort, keys_of=context.task_keys, trust=trust)),
        hears(TablesProtected, partial(keep_tables, trust=trust)),
        hears(OpeningRefused, partial(keep_refusal, trust=trust)),
        hears(CustodianKeysDestroyed, partial(keep_receipt, trust=trust)),
    ]


def open_task(received: Received[TaskAccepted], work: UnitOfWork, *, trust: Trust) -> None:
    """Tell the hosts of a task once the custodian serves it.

    Raises:
        SignatureRefusedError: The custodian did not sign these terms.
    """
    event = received.event
    task = tasks(work).get(event.task_id)
    _check_whole(event, task, trust)
    if task.state != PROPOSED:
        return
    terms = TaskTerms(draft=task.signed.draft, custodian_key=event.custodian_key, coin_key_hash=event.coin_key_hash)
    message = task_message(terms.hash())
    check_signature(trust.custodian, event.signature, message)
    signature = trust.own.sign(message)
    tasks(work).change(
        task.id,
        state=OPEN,
        terms=terms_to(terms),
        task_hash=terms.hash(),
        board_signature=signature,
        custodian_signature=event.signature,
    )
    opened = TaskOpened(
        task_id=event.task_id, terms=terms, board_signature=signature, custodian_signature=event.signature
    )
    work.record(sign_message(opened, trust.own), sequence=2, route="hosts")


def sum_cohort(received: Received[CohortAgreed], work: UnitOfWork, *, keys_of: KeysOf, trust: Trust) -> None:
    """Store the cohort and send the sum over exactly it, once, in one transaction.

    Raises:
        SignatureRefusedError, CohortRefusedError: No sum leaves.
    """
    event = received.event
    task = tasks(work).get(event.task_id)
    _check_whole(event, task, trust)
    if task.state != CLOSED:
        return
    check_signature(trust.custodian, event.signature, cohort_message(event.cohort_hash))
    terms, accepted = task.signed, set(task.accepted)
    agreed = sharing.cohort_hash(task.task_hash, event.report_ids)
    cohort = frozenset(event.report_ids)
    if agreed != event.cohort_hash or not cohort <= accepted:
        raise CohortRefusedError
    # The custodian is not believed in this either: a report named twice, or fewer than five, would be opened alone.
    if len(cohort) != len(event.report_ids) or len(cohort) < terms.draft.plan().minimums.hosts:
        raise CohortRefusedError
    held = {share.report_id: share for share in shares(work).where({"task_id": event.task_id})}
    content = sum_of(task, [held[i] for i in sorted(event.report_ids)], keys_of)
    context = sharing.sum_context(task_hash=task.task_hash, period=task.period)
    sealed = sealing.seal(bytes.fromhex(terms.custodian_key), content, context)
    for report_id in sorted(accepted - cohort):
        judge(work, task, held[report_id].host, LEFT_OUT, "NOT_IN_COHORT", trust=trust)
    signature = trust.own.sign(cohort_message(agreed))
    tasks(work).change(
        task.id,
        state=SUMMED,
        cohort_hash=agreed,
        cohort_size=len(cohort),
        cohort_signatures={"board": signature, "custodian": event.signature},
    )
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
    task = tasks(work).get(event.task_id)
    _check_whole(event, task, trust)
    if task.state != SUMMED or task.cohort_hash != event.cohort_hash:
        return
    check_tables(event, task.signed.draft.plan(), task.cohort_size)
    tables = [
        {"table": t.table, "status": t.status, "level": t.level, "cells": {c.category: c.value for c in t.cells}}
        for t in event.tables
    ]
    end_task(work, task.id, PROTECTED, result={"people": event.people, "hosts": event.hosts, "tables": tables})


def keep_refusal(received: Received[OpeningRefused], work: UnitOfWork, *, trust: Trust) -> None:
    """Note that a task ended without tables; nobody is told why.

    A refusal before any sum left means that too few hosts reported: the next task covers this period too. One of a
    draft means that the custodian does not serve it: the period is free for another.

    Raises:
        SignatureRefusedError: The custodian did not sign it.
    """
    event = received.event
    task = tasks(work).get(event.task_id)
    _check_whole(event, task, trust)
    if task.state == PROPOSED:
        end_task(work, task.id, REFUSED_DRAFT)
    elif task.state not in ENDED:
        end_task(work, task.id, NOT_PUBLISHED, unopened=task.state == CLOSED)


def keep_receipt(received: Received[CustodianKeysDestroyed], work: UnitOfWork, *, trust: Trust) -> None:
    """Keep the custodian's signed receipt that its keys of a task are gone.

    Raises:
        SignatureRefusedError: It is not the custodian's.
    """
    event = received.event
    task = tasks(work).get(event.task_id)
    _check_whole(event, task, trust)
    message = destroyed_message("custodian", task_hash=task.task_hash, at=event.destroyed_at)
    check_signature(trust.custodian, event.signature, message)
    receipt = {"destroyed_at": event.destroyed_at, "signature": event.signature}
    tasks(work).change(task.id, custodian_receipt=receipt)


def _check_whole(event: SignedMessage, task: Task, trust: Trust) -> None:
    check_message(event, trust.custodian, required=task.signed.draft.is_bound)
