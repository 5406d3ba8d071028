"""What the board says of a task's beginning and end; each handler is one transaction."""

from functools import partial

from services.custodian.tasks.documents import take_turn_among_tasks, tasks
from services.custodian.tasks.errors import TaskRefusedError
from services.custodian.tasks.rules import check_draft, check_whole, refuse_if
from services.custodian.tasks.task import OPEN, UNOPENED, task_of
from shared.contracts.board import BoardKeysDestroyed, TaskProposed
from shared.contracts.custodian import OpeningRefused, TaskAccepted
from shared.contracts.task import TaskDraft, TaskTerms, destroyed_message, draft_message, task_message
from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.kernel.messages import AuditIntent, Received
from shared.keys.messages import check_message, sign_message
from shared.keys.signing import Trust, check_signature
from shared.keys.task_keys import KeysOf
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.telemetry.logs import get_logger

log = get_logger(__name__)


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear of drafts, and of the board's destroyed keys."""
    trust = context.trust
    return [
        hears(TaskProposed, partial(accept_task, keys_of=context.task_keys, trust=trust)),
        hears(BoardKeysDestroyed, partial(keep_receipt, trust=trust)),
    ]


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
    if tasks(work).find(event.task_id) is not None:
        return
    draft = event.draft
    check_message(event, trust.board)
    check_signature(trust.board, event.signature, draft_message(draft.hash()))
    take_turn_among_tasks(work)
    try:
        check_draft(event.task_id, draft, trust.hosts.get)
        _check_history(draft, work)
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
    tasks(work).add(task_of(terms, OPEN, signature=signature))
    accepted = TaskAccepted(
        task_id=event.task_id,
        custodian_key=terms.custodian_key,
        coin_key_hash=terms.coin_key_hash,
        signature=signature,
    )
    work.record(sign_message(accepted, trust.own), sequence=1, route="board")


def keep_receipt(received: Received[BoardKeysDestroyed], work: UnitOfWork, *, trust: Trust) -> None:
    """Keep the board's signed receipt that its keys of a task are gone.

    Raises:
        SignatureRefusedError: It is not the board's.
    """
    event = received.event
    task = tasks(work).get(event.task_id)
    check_whole(event, task, trust)
    message = destroyed_message("board", task_hash=task.task_hash, at=event.destroyed_at)
    check_signature(trust.board, event.signature, message)
    receipt = {"destroyed_at": event.destroyed_at, "signature": event.signature}
    tasks(work).change(task.id, board_receipt=receipt)


def _check_history(draft: TaskDraft, work: UnitOfWork) -> None:
    known = tasks(work)
    complaints = {
        "it covers an earlier period whose task was opened, or that had none": any(
            not known.where({"period": covered, "verdict": {"$in": UNOPENED}}, limit=1) for covered in draft.covers[:-1]
        ),
        "its period was counted before": any(
            known.where({"terms.draft.covers": covered, "verdict": {"$nin": UNOPENED}}, limit=1)
            for covered in draft.covers
        ),
        "its tables would count a quarter's people a second time": any(
            draft.repeats(task.signed.draft) for task in known.where({"verdict": {"$nin": UNOPENED}})
        ),
    }
    refuse_if(complaints)
