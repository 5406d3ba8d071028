"""Takes and refuses the hosts' seeds; each is one transaction."""

from collections.abc import Callable, Mapping
from typing import Any

from services.custodian.errors import ReportRefusedError
from services.custodian.store import OPEN, SEEDS, TASKS, seed_id, terms_of
from shared.contracts.reporting import SeedSubmitted
from shared.contracts.task import SEED, report_message, task_message
from shared.contracts.vector import VectorLayout
from shared.kernel.messages import AuditIntent, Received
from shared.keys import sealing, sharing
from shared.keys.sealing import SealedForAnotherError
from shared.keys.sharing import WrongSeedError
from shared.keys.signing import SignatureRefusedError, check_signature
from shared.keys.task_keys import TaskKeys
from shared.outbox.unit_of_work import UnitOfWork

KeysOf = Callable[[str], TaskKeys]


def take_seed(received: Received, work: UnitOfWork, *, keys_of: KeysOf) -> None:
    """Take a host's half of a report, sealed as it came; a refused one is audited and nothing else changes.

    The custodian never writes to a host: the board tells a host that its report is not in the cohort.
    """
    event = received.event
    if not isinstance(event, SeedSubmitted):
        raise TypeError(type(event).__name__)
    document = {
        "_id": seed_id(event.task_id, event.host),
        "task_id": event.task_id,
        "host": event.host,
        "report_id": event.report_id,
        "task_signature": event.task_signature,
        "sealed": event.sealed,
    }
    try:
        if not _is_known(event, document, received.sender, work, keys_of):
            work.insert(SEEDS, document)
    except ReportRefusedError as refusal:
        work.audit(
            AuditIntent(
                action="custodian:report:take",
                actor_id=received.sender,
                role="HOST",
                object_id=event.task_id,
                outcome=refusal.reason,
                at=work.now,
            )
        )


def expansion_of(task: Mapping[str, Any], seed: Mapping[str, Any], keys_of: KeysOf) -> sharing.Share:
    """Give the stream of one report, whose sum with share A is the host's vector."""
    context = sharing.report_context(
        task_hash=task["task_hash"], period=task["period"], host=seed["host"], report_id=seed["report_id"]
    )
    opened = keys_of(task["_id"]).existing_server_key().open_sealed(sealing.from_text(seed["sealed"]), context)
    return sharing.expand(opened, context, VectorLayout.of(terms_of(dict(task)).draft.plan()).length)


def _is_known(
    event: SeedSubmitted, document: Mapping[str, Any], sender: str, work: UnitOfWork, keys_of: KeysOf
) -> bool:
    """Check a seed; True if it is the one accepted before.

    Raises:
        ReportRefusedError: It is refused; the reason is a code.
    """
    task = work.find(TASKS, event.task_id)
    if task is None:
        raise ReportRefusedError("UNKNOWN_TASK")
    if event.host != sender:
        raise ReportRefusedError("WRONG_HOST")
    known = work.find(SEEDS, seed_id(event.task_id, event.host))
    if known is not None:
        if known["report_id"] == event.report_id and known["sealed"] == event.sealed:
            return True
        raise ReportRefusedError("SECOND_REPORT")
    if task["state"] != OPEN or work.now >= task["closes_at"]:
        raise ReportRefusedError("LATE")
    entry = terms_of(task).draft.hosts.get(event.host)
    if entry is None:
        raise ReportRefusedError("NOT_ON_ROSTER")
    if event.task_hash != task["task_hash"]:
        raise ReportRefusedError("WRONG_TASK")
    message = report_message(
        SEED, task_hash=event.task_hash, host=event.host, report_id=event.report_id, sealed=event.sealed
    )
    try:
        check_signature(entry.signing_key, event.task_signature, task_message(event.task_hash))
        check_signature(entry.signing_key, event.signature, message)
    except SignatureRefusedError as error:
        raise ReportRefusedError("BAD_SIGNATURE") from error
    try:
        expansion_of(task, document, keys_of)
    except (SealedForAnotherError, WrongSeedError) as error:
        raise ReportRefusedError("DOES_NOT_OPEN") from error
    return False
