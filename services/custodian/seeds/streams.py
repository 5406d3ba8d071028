"""Opens seeds in memory: the stream whose sum with share A is a host's vector, and the proof that came with it."""

from services.custodian.seeds.rules import Seed
from services.custodian.tasks.task import Task
from shared.contracts.vector import VectorLayout
from shared.keys import proofs, sealing, sharing
from shared.keys.sharing import SEED_BYTES
from shared.keys.task_keys import KeysOf


def expansion_of(task: Task, seed: Seed, keys_of: KeysOf) -> sharing.Share:
    """Give the stream of one report, whose sum with share A is the host's vector."""
    return open_half(task, seed, keys_of)[0]


def commitments_of(task: Task, seed: Seed, keys_of: KeysOf) -> tuple[bytes, ...]:
    """Give the commitments to each cell of a stored report, whose proof was checked when it came."""
    return proofs.cells_of(open_half(task, seed, keys_of)[1], VectorLayout.of(task.signed.draft.plan()))


def open_half(task: Task, seed: Seed, keys_of: KeysOf) -> tuple[sharing.Share, bytes]:
    """Give a report's stream and its proof; no bytes in a task whose policy asks for none."""
    draft = task.signed.draft
    context = context_of(task, seed)
    opened = keys_of(task.id).existing_server_key().open_sealed(sealing.from_text(seed.sealed), context)
    drawn, proof = (opened[:SEED_BYTES], opened[SEED_BYTES:]) if draft.is_bound else (opened, b"")
    return sharing.expand(drawn, context, VectorLayout.of(draft.plan()).length), proof


def context_of(task: Task, seed: Seed) -> bytes:
    """Give what a report's half is sealed for."""
    return sharing.report_context(
        task_hash=task.task_hash, period=task.period, host=seed.host, report_id=seed.report_id
    )
