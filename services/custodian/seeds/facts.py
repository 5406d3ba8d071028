"""Takes and refuses the hosts' seeds; each is one transaction."""

import hashlib
from dataclasses import replace
from functools import partial

from services.custodian.seeds.documents import seeds
from services.custodian.seeds.errors import ReportRefusedError
from services.custodian.seeds.rules import Seed, seed_id
from services.custodian.seeds.streams import context_of, open_half
from services.custodian.tasks.documents import take_turn_of, tasks
from services.custodian.tasks.task import OPEN, Task
from shared.contracts.admission import TAKEN_BEFORE, why_not_new
from shared.contracts.reporting import SeedSubmitted
from shared.contracts.task import TaskDraft
from shared.contracts.vector import VectorLayout
from shared.kernel.messages import AuditIntent, Received
from shared.keys import proofs, sharing
from shared.keys.messages import check_report
from shared.keys.proofs import ProofRefusedError
from shared.keys.sealing import SealedForAnotherError
from shared.keys.sharing import WrongSeedError
from shared.keys.signing import SignatureRefusedError
from shared.keys.task_keys import KeysOf
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

_MOST_NAMES = 1_024
_names: dict[bytes, str] = {}


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear the hosts."""
    return [hears(SeedSubmitted, partial(take_seed, keys_of=context.task_keys))]


def take_seed(received: Received[SeedSubmitted], work: UnitOfWork, *, keys_of: KeysOf) -> None:
    """Take a host's half of a report, sealed as it came; a refused one is audited and nothing else changes.

    The custodian never writes to a host: the board tells a host that its report is not in the cohort.
    """
    event = received.event
    seed = Seed(
        id=seed_id(event.task_id, event.host),
        task_id=event.task_id,
        host=event.host,
        report_id=event.report_id,
        task_signature=event.task_signature,
        sealed=event.sealed,
    )
    try:
        proven = _proven(received, seed, work, keys_of)
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
        return
    if proven is not None:
        # Whoever agrees on a cohort, or ends the task, looks at its seeds and writes the task.
        take_turn_of(work, proven.task_id)
        seeds(work).add(proven)


def _proven(received: Received[SeedSubmitted], seed: Seed, work: UnitOfWork, keys_of: KeysOf) -> Seed | None:
    """Check a seed and its proof.

    Returns:
        The seed with the name of the commitments to share A, or none in a task that asks for none; None if this is the
        report that was accepted before.

    Raises:
        ReportRefusedError: It is refused; the reason is a code.
    """
    event = received.event
    task = tasks(work).find(event.task_id)
    if task is None:
        raise ReportRefusedError("UNKNOWN_TASK")
    why_not = why_not_new(
        event,
        sender=received.sender,
        kept=seeds(work).find(seed.id),
        is_open=task.state == OPEN and work.now < task.closes_at,
        draft=task.signed.draft,
        task_hash=task.task_hash,
    )
    if why_not == TAKEN_BEFORE:
        return None
    if why_not is not None:
        raise ReportRefusedError(why_not)
    return replace(seed, share=_name_of_share(event, seed, task, keys_of))


def _name_of_share(event: SeedSubmitted, seed: Seed, task: Task, keys_of: KeysOf) -> str | None:
    draft = task.signed.draft
    try:
        check_report(event, draft.hosts[event.host].signing_key, required=draft.is_bound)
        stream, proof = open_half(task, seed, keys_of)
        return _verified(proof, stream, context_of(task, seed), draft) if draft.is_bound else None
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
