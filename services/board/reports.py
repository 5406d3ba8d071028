"""Takes, refuses and judges the hosts' halves; each function is one transaction or part of one."""

from collections.abc import Callable, Mapping
from typing import Any

from services.board.errors import ReportRefusedError
from services.board.store import (
    ENDED,
    JUDGEMENTS,
    OPEN,
    PROPOSED,
    RECEIVED,
    REFUSED,
    SHARES,
    TASKS,
    share_id,
    terms_of,
)
from shared.contracts.board import ReportJudged
from shared.contracts.reporting import ShareSubmitted
from shared.contracts.vector import VectorLayout
from shared.kernel.messages import AuditIntent, Received
from shared.keys import sealing, sharing
from shared.keys.commitments import Blindings, commit_share, name_of
from shared.keys.messages import check_report, sign_message
from shared.keys.sealing import SealedForAnotherError
from shared.keys.sharing import SEED_BYTES, WrongSeedError, WrongShareSizeError
from shared.keys.signing import SignatureRefusedError, Trust
from shared.keys.task_keys import TaskKeys
from shared.outbox.unit_of_work import UnitOfWork

KeysOf = Callable[[str], TaskKeys]


def take_share(received: Received[ShareSubmitted], work: UnitOfWork, *, keys_of: KeysOf, trust: Trust) -> None:
    """Take a host's half of a report, sealed as it came; a refused one is told to its sender and audited.

    One report a host and task. A refusal disturbs nothing else: what was accepted before stays.
    """
    event = received.event
    task = work.find(TASKS, event.task_id)
    try:
        if _is_known(event, received.sender, task, work, keys_of):
            return
    except ReportRefusedError as refusal:
        _refuse(event, received.sender, task, refusal.reason, work=work, trust=trust)
        return
    work.insert(
        SHARES,
        {
            "_id": share_id(event.task_id, event.host),
            "task_id": event.task_id,
            "host": event.host,
            "report_id": event.report_id,
            "provenance": event.provenance,
            "task_signature": event.task_signature,
            "sealed": event.sealed,
        },
    )
    judge(work, work.get(TASKS, event.task_id), event.host, RECEIVED, "NONE", trust=trust)


def judge(work: UnitOfWork, task: Mapping[str, Any], host: str, outcome: str, reason: str, *, trust: Trust) -> None:
    """Keep what became of a host's report, and tell that host alone."""
    key = share_id(task["_id"], host)
    known = work.find(JUDGEMENTS, key)
    judgement = {"_id": key, "task_id": task["_id"], "host": host, "outcome": outcome, "reason": reason}
    if known is None:
        work.insert(JUDGEMENTS, judgement)
    elif not (known["outcome"] == RECEIVED and outcome == REFUSED):
        # A refused further report does not make the accepted one undone.
        work.replace(JUDGEMENTS, {**known, **judgement})
    judged = ReportJudged(task_id=task["_id"], period=task["period"], outcome=outcome, reason=reason)
    sequence = 1 if known is None else known["version"] + 1
    work.record(sign_message(judged, trust.own), sequence=sequence, route="host", to=host)


def share_of(task: Mapping[str, Any], share: Mapping[str, Any], keys_of: KeysOf) -> sharing.Share:
    """Open a stored share in memory."""
    return _open(dict(task), share["host"], share["report_id"], share["sealed"], keys_of)[0]


def bound_share_of(
    task: Mapping[str, Any], share: Mapping[str, Any], keys_of: KeysOf
) -> tuple[sharing.Share, Blindings]:
    """Open a stored share with its blindings; only in a task whose policy asks for commitments."""
    content, seed = _open(dict(task), share["host"], share["report_id"], share["sealed"], keys_of)
    return content, Blindings.of(seed, _context(task, share["host"], share["report_id"]), content.size)


def name_of_share(task: Mapping[str, Any], share: Mapping[str, Any], keys_of: KeysOf) -> str:
    """Give the name of the commitments to a stored share, which the custodian has from its host too."""
    return name_of(
        commit_share(*bound_share_of(task, share, keys_of)), _context(task, share["host"], share["report_id"])
    )


def _is_known(
    event: ShareSubmitted, sender: str, task: dict[str, Any] | None, work: UnitOfWork, keys_of: KeysOf
) -> bool:
    """Check a report; True if it is the one accepted before.

    Raises:
        ReportRefusedError: It is refused; the reason is a code.
    """
    if task is None or task["state"] in (PROPOSED, *ENDED):
        raise ReportRefusedError("UNKNOWN_TASK")
    if event.host != sender:
        raise ReportRefusedError("WRONG_HOST")
    known = work.find(SHARES, share_id(event.task_id, event.host))
    if known is not None:
        if known["report_id"] == event.report_id and known["sealed"] == event.sealed:
            return True
        raise ReportRefusedError("SECOND_REPORT")
    if task["state"] != OPEN or work.now >= task["closes_at"]:
        raise ReportRefusedError("LATE")
    draft = terms_of(task).draft
    entry = draft.hosts.get(event.host)
    if entry is None:
        raise ReportRefusedError("NOT_ON_ROSTER")
    if event.task_hash != task["task_hash"]:
        raise ReportRefusedError("WRONG_TASK")
    _check_content(event, task, entry.signing_key, keys_of)
    return False


def _check_content(event: ShareSubmitted, task: dict[str, Any], signing_key: str, keys_of: KeysOf) -> None:
    is_bound = terms_of(task).draft.is_bound
    if is_bound and event.message_signature is None:
        # A host that was not upgraded: its half says too little for this task, and the code is one that it knows.
        raise ReportRefusedError("DOES_NOT_OPEN")
    try:
        check_report(event, signing_key, required=is_bound)
        _open(task, event.host, event.report_id, event.sealed, keys_of)
    except SignatureRefusedError as error:
        raise ReportRefusedError("BAD_SIGNATURE") from error
    except (SealedForAnotherError, WrongSeedError, WrongShareSizeError) as error:
        raise ReportRefusedError("DOES_NOT_OPEN") from error


def _refuse(
    event: ShareSubmitted, sender: str, task: dict[str, Any] | None, reason: str, *, work: UnitOfWork, trust: Trust
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
    if task is not None and sender in task["roster"]:
        judge(work, task, sender, REFUSED, reason, trust=trust)
    elif task is not None:
        judged = ReportJudged(task_id=task["_id"], period=task["period"], outcome=REFUSED, reason=reason)
        work.record(sign_message(judged, trust.own), sequence=1, route="host", to=sender)


def _open(task: dict[str, Any], host: str, report_id: str, sealed: str, keys_of: KeysOf) -> tuple[sharing.Share, bytes]:
    """Give a share and the seed of its blindings; no bytes in a task whose policy asks for none."""
    draft = terms_of(task).draft
    opened = (
        keys_of(task["_id"])
        .existing_server_key()
        .open_sealed(sealing.from_text(sealed), _context(task, host, report_id))
    )
    share, seed = sharing.parted(opened, VectorLayout.of(draft.plan()).length)
    if len(seed) != (SEED_BYTES if draft.is_bound else 0):
        raise WrongSeedError(len(seed))
    return share, seed


def _context(task: Mapping[str, Any], host: str, report_id: str) -> bytes:
    return sharing.report_context(task_hash=task["task_hash"], period=task["period"], host=host, report_id=report_id)
