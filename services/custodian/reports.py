"""Takes and refuses the hosts' seeds; each is one transaction."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from services.custodian.errors import ReportRefusedError
from services.custodian.store import OPEN, SEEDS, TASKS, seed_id, terms_of
from shared.contracts.reporting import SeedSubmitted
from shared.contracts.task import TaskDraft
from shared.contracts.vector import VectorLayout
from shared.kernel.messages import AuditIntent, Received
from shared.keys import proofs, sealing, sharing
from shared.keys.messages import check_report
from shared.keys.proofs import ProofRefusedError
from shared.keys.sealing import SealedForAnotherError
from shared.keys.sharing import SEED_BYTES, WrongSeedError
from shared.keys.signing import SignatureRefusedError
from shared.keys.task_keys import TaskKeys
from shared.outbox.unit_of_work import UnitOfWork

KeysOf = Callable[[str], TaskKeys]

_KNOWN = "KNOWN"
_MOST_NAMES = 1_024
_names: dict[bytes, str] = {}


def take_seed(received: Received[SeedSubmitted], work: UnitOfWork, *, keys_of: KeysOf) -> None:
    """Take a host's half of a report, sealed as it came; a refused one is audited and nothing else changes.

    The custodian never writes to a host: the board tells a host that its report is not in the cohort.
    """
    event = received.event
    document = {
        "_id": seed_id(event.task_id, event.host),
        "task_id": event.task_id,
        "host": event.host,
        "report_id": event.report_id,
        "task_signature": event.task_signature,
        "sealed": event.sealed,
    }
    try:
        proven = _check(event, document, received.sender, work, keys_of)
        if proven is not _KNOWN:
            work.insert(SEEDS, {**document, "share": proven})
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
    return _open(task, seed, keys_of)[0]


def commitments_of(task: Mapping[str, Any], seed: Mapping[str, Any], keys_of: KeysOf) -> tuple[bytes, ...]:
    """Give the commitments to each cell of a stored report, whose proof was checked when it came."""
    return proofs.cells_of(_open(task, seed, keys_of)[1], VectorLayout.of(terms_of(dict(task)).draft.plan()))


def _open(task: Mapping[str, Any], seed: Mapping[str, Any], keys_of: KeysOf) -> tuple[sharing.Share, bytes]:
    """Give a report's stream and its proof; no bytes in a task whose policy asks for none."""
    draft = terms_of(dict(task)).draft
    context = _context(task, seed)
    opened = keys_of(task["_id"]).existing_server_key().open_sealed(sealing.from_text(seed["sealed"]), context)
    drawn, proof = (opened[:SEED_BYTES], opened[SEED_BYTES:]) if draft.is_bound else (opened, b"")
    return sharing.expand(drawn, context, VectorLayout.of(draft.plan()).length), proof


def _context(task: Mapping[str, Any], seed: Mapping[str, Any]) -> bytes:
    return sharing.report_context(
        task_hash=task["task_hash"], period=task["period"], host=seed["host"], report_id=seed["report_id"]
    )


def _check(
    event: SeedSubmitted, document: Mapping[str, Any], sender: str, work: UnitOfWork, keys_of: KeysOf
) -> str | None:
    """Check a seed and its proof.

    Returns:
        The name of the commitments to share A; None in a task that asks for none; ``_KNOWN`` if this is the report
        that was accepted before.

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
            return _KNOWN
        raise ReportRefusedError("SECOND_REPORT")
    if task["state"] != OPEN or work.now >= task["closes_at"]:
        raise ReportRefusedError("LATE")
    draft = terms_of(task).draft
    entry = draft.hosts.get(event.host)
    if entry is None:
        raise ReportRefusedError("NOT_ON_ROSTER")
    if event.task_hash != task["task_hash"]:
        raise ReportRefusedError("WRONG_TASK")
    return _name_of_share(event, document, task, entry.signing_key, keys_of)


def _name_of_share(
    event: SeedSubmitted, document: Mapping[str, Any], task: dict[str, Any], signing_key: str, keys_of: KeysOf
) -> str | None:
    draft = terms_of(task).draft
    if draft.is_bound and event.message_signature is None:
        # A host that was not upgraded; the board says the same to it.
        raise ReportRefusedError("DOES_NOT_OPEN")
    try:
        check_report(event, signing_key, required=draft.is_bound)
        stream, proof = _open(task, document, keys_of)
        return _verified(proof, stream, _context(task, document), draft) if draft.is_bound else None
    except SignatureRefusedError as error:
        raise ReportRefusedError("BAD_SIGNATURE") from error
    except (SealedForAnotherError, WrongSeedError) as error:
        raise ReportRefusedError("DOES_NOT_OPEN") from error
    except ProofRefusedError as error:
        raise ReportRefusedError("NOT_PROVEN") from error


def _verified(proof: bytes, stream: sharing.Share, context: bytes, draft: TaskDraft) -> str:
    """Verify a proof once, though its transaction may be tried again: a batch of many hosts' reports gets on.

    What is remembered is a name under a digest of all that was verified, and nothing that opens anything.
    """
    digest = hashlib.sha256(b"|".join((context, stream.tobytes(), proof))).digest()
    name = _names.get(digest)
    if name is None:
        name = proofs.verify(proof, stream, layout=VectorLayout.of(draft.plan()), context=context).share
        while len(_names) >= _MOST_NAMES:
            _names.pop(next(iter(_names)), None)
        _names[digest] = name
    return name
