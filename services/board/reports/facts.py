"""Takes and refuses the hosts' halves; a report is one transaction or part of one."""

from functools import partial

from services.board.reports.documents import shares
from services.board.reports.errors import ReportRefusedError
from services.board.reports.halves import open_half
from services.board.reports.judging import judge
from services.board.reports.rules import RECEIVED, REFUSED, HeldShare, share_id
from services.board.tasks.documents import take_turn_of, tasks
from services.board.tasks.task import ENDED, OPEN, PROPOSED, Task
from shared.contracts.admission import TAKEN_BEFORE, why_not_new
from shared.contracts.board import ReportJudged
from shared.contracts.reporting import ShareSubmitted
from shared.kernel.messages import AuditIntent, Received
from shared.keys.messages import check_report, sign_message
from shared.keys.sealing import SealedForAnotherError
from shared.keys.sharing import WrongSeedError, WrongShareSizeError
from shared.keys.signing import SignatureRefusedError, Trust
from shared.keys.task_keys import KeysOf
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear the hosts."""
    return [hears(ShareSubmitted, partial(take_share, keys_of=context.task_keys, trust=context.trust))]


def take_share(received: Received[ShareSubmitted], work: UnitOfWork, *, keys_of: KeysOf, trust: Trust) -> None:
    """Take a host's half of a report, sealed as it came; a refused one is told to its sender and audited.

    One report a host and task. A refusal disturbs nothing else: what was accepted before stays.
    """
    event = received.event
    task = tasks(work).find(event.task_id)
    share = HeldShare(
        id=share_id(event.task_id, event.host),
        task_id=event.task_id,
        host=event.host,
        report_id=event.report_id,
        provenance=event.provenance,
        task_signature=event.task_signature,
        sealed=event.sealed,
    )
    try:
        accepted = _accepted(received, share, task, work, keys_of)
    except ReportRefusedError as refusal:
        _refuse(event, received.sender, task, refusal.reason, work=work, trust=trust)
        return
    if accepted is not None:
        # Whoever closes or ends the task looks at its shares and writes the task.
        take_turn_of(work, accepted.id)
        shares(work).add(share)
        judge(work, accepted, event.host, RECEIVED, "NONE", trust=trust)


def _accepted(
    received: Received[ShareSubmitted], share: HeldShare, task: Task | None, work: UnitOfWork, keys_of: KeysOf
) -> Task | None:
    """Check a report.

    Returns:
        Its task; None if this is the report that was accepted before.

    Raises:
        ReportRefusedError: It is refused; the reason is a code.
    """
    event = received.event
    if task is None or task.state in (PROPOSED, *ENDED):
        raise ReportRefusedError("UNKNOWN_TASK")
    why_not = why_not_new(
        event,
        sender=received.sender,
        kept=shares(work).find(share.id),
        is_open=task.state == OPEN and work.now < task.closes_at,
        draft=task.signed.draft,
        task_hash=task.task_hash,
    )
    if why_not == TAKEN_BEFORE:
        return None
    if why_not is not None:
        raise ReportRefusedError(why_not)
    _check_content(event, share, task, keys_of)
    return task


def _check_content(event: ShareSubmitted, share: HeldShare, task: Task, keys_of: KeysOf) -> None:
    draft = task.signed.draft
    try:
        check_report(event, draft.hosts[event.host].signing_key, required=draft.is_bound)
        open_half(task, share, keys_of)
    except SignatureRefusedError as error:
        raise ReportRefusedError("BAD_SIGNATURE") from error
    except (SealedForAnotherError, WrongSeedError, WrongShareSizeError) as error:
        raise ReportRefusedError("DOES_NOT_OPEN") from error


def _refuse(
    event: ShareSubmitted, sender: str, task: Task | None, reason: str, *, work: UnitOfWork, trust: Trust
) -> None:
    work.audit(
        AuditIntent(
            action="board:report:take",
            actor_id=sender,
            role="HOST",
            object_id=event.task_id,
            outcome=reason,
            at=work.now,
        )
    )
    if task is not None and sender in task.roster:
        judge(work, task, sender, REFUSED, reason, trust=trust)
    elif task is not None:
        judged = ReportJudged(task_id=task.id, period=task.period, outcome=REFUSED, reason=reason)
        work.record(sign_message(judged, trust.own), sequence=1, route="host", to=sender)
