"""Agreeing on a cohort with the board, and noting its one sum; each handler is one transaction."""

from datetime import datetime
from functools import partial

from services.custodian.opening.errors import NotClosedYetError, SecondOpeningError
from services.custodian.opening.rules import HeldSeed, agree_cohort, may_open
from services.custodian.seeds.documents import seeds
from services.custodian.seeds.streams import expansion_of
from services.custodian.tasks.documents import tasks
from services.custodian.tasks.ending import end_task
from services.custodian.tasks.rules import check_whole
from services.custodian.tasks.task import AGREED, OPEN, SUMMED, TOO_FEW_HOSTS
from shared.contracts.board import CohortSummed, ReportsAccepted
from shared.contracts.custodian import CohortAgreed, OpeningRefused
from shared.contracts.task import accepted_message, cohort_message
from shared.contracts.vector import VectorLayout
from shared.kernel.messages import AuditIntent, Received
from shared.keys import sharing
from shared.keys.messages import sign_message
from shared.keys.signing import Trust, check_signature
from shared.keys.task_keys import KeysOf
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear the board's list of reports, and its sum."""
    trust = context.trust
    return [
        hears(ReportsAccepted, partial(agree, keys_of=context.task_keys, trust=trust)),
        hears(CohortSummed, partial(take_sum, trust=trust)),
    ]


def agree(received: Received[ReportsAccepted], work: UnitOfWork, *, keys_of: KeysOf, trust: Trust) -> None:
    """Agree on the cohort, durably, or end the task with the one fixed refusal.

    A host whose proof did not hold has no seed here, and one whose halves do not belong together is left out now: each
    is named in this server's audit, before anything is opened, and the others are counted without it.

    Raises:
        SignatureRefusedError: The list is not the board's, or a value of it was changed.
        NotClosedYetError: This server still takes reports.
    """
    event = received.event
    task = tasks(work).get(event.task_id)
    check_whole(event, task, trust)
    if task.state != OPEN:
        return
    listed = [check.report_id for check in event.checks]
    message = accepted_message("board", task_hash=task.task_hash, report_ids=listed)
    check_signature(trust.board, event.signature, message)
    if work.now < task.closes_at:
        raise NotClosedYetError
    plan = task.signed.draft.plan()
    layout = VectorLayout.of(plan)
    held = {
        seed.report_id: HeldSeed(
            host=seed.host,
            checks=tuple(int(value) for value in layout.checks(expansion_of(task, seed, keys_of))),
            share=seed.share,
        )
        for seed in seeds(work).where({"task_id": event.task_id})
    }
    own_list = accepted_message("custodian", task_hash=task.task_hash, report_ids=held)
    lists = {"board_list": event.signature, "own_list": trust.own.sign(own_list)}
    cohort = agree_cohort(
        board={check.report_id: check.values for check in event.checks},
        custodian=held,
        roster=task.roster,
        check_count=layout.check_count,
        shares={check.report_id: check.share for check in event.checks},
    )
    for report_id in sorted(set(held) - set(cohort)):
        work.audit(_left_out(task.id, held[report_id].host, work.now))
    if not may_open(len(cohort), plan.minimums):
        end_task(work, task.id, TOO_FEW_HOSTS, **lists)
        work.record(sign_message(OpeningRefused(task_id=event.task_id), trust.own), sequence=2, route="board")
        return
    agreed = sharing.cohort_hash(task.task_hash, cohort)
    signature = trust.own.sign(cohort_message(agreed))
    tasks(work).change(
        task.id,
        state=AGREED,
        cohort=list(cohort),
        cohort_hash=agreed,
        cohort_signatures={"custodian": signature},
        **lists,
    )
    sent = CohortAgreed(task_id=event.task_id, report_ids=cohort, cohort_hash=agreed, signature=signature)
    work.record(sign_message(sent, trust.own), sequence=2, route="board")


def take_sum(received: Received[CohortSummed], work: UnitOfWork, *, trust: Trust) -> None:
    """Note the board's sum, once, for the job that opens it.

    Raises:
        SignatureRefusedError: The board did not sign this cohort, or this very sum.
        SecondOpeningError: There was a sum already, or it is over another cohort.
    """
    event = received.event
    task = tasks(work).get(event.task_id)
    check_whole(event, task, trust)
    if task.state != AGREED or task.cohort_hash != event.cohort_hash:
        raise SecondOpeningError
    check_signature(trust.board, event.signature, cohort_message(event.cohort_hash))
    signatures = {**task.cohort_signatures, "board": event.signature}
    # This line is the durable record of the one opening; the job repeats from it, never from another sum.
    tasks(work).change(task.id, state=SUMMED, sealed_sum=event.sealed, cohort_signatures=signatures)


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
