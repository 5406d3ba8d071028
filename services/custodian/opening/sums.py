"""Reads the board's one sum of a task and what it must open; nothing here leaves the job's memory."""

from collections.abc import Iterable

from services.custodian.opening.errors import UnreadableSumError
from services.custodian.opening.rules import Binding
from services.custodian.seeds.rules import Seed
from services.custodian.seeds.streams import commitments_of
from services.custodian.tasks.task import Task
from shared.contracts.vector import VectorLayout
from shared.keys import group, sealing, sharing
from shared.keys.commitments import blindings_from
from shared.keys.group import NotInGroupError
from shared.keys.sealing import SealedForAnotherError
from shared.keys.sharing import WrongShareSizeError
from shared.keys.task_keys import KeysOf


def read_sum(task: Task, keys_of: KeysOf) -> tuple[sharing.Share, tuple[int, ...]]:
    """Open the board's sum of shares and, where the task's policy asks for commitments, of their blindings.

    Raises:
        UnreadableSumError: It is no sum of this task.
        TaskKeyFileError: The key is lost.
    """
    draft = task.signed.draft
    length = VectorLayout.of(draft.plan()).length
    context = sharing.sum_context(task_hash=task.task_hash, period=task.period)
    key = keys_of(task.id).existing_server_key()
    try:
        total, more = sharing.parted(key.open_sealed(sealing.from_text(task.sealed_sum or ""), context), length)
        return total, blindings_from(more, length if draft.is_bound else 0)
    except (SealedForAnotherError, WrongShareSizeError, NotInGroupError) as error:
        raise UnreadableSumError from error


def binding_of(task: Task, seeds: Iterable[Seed], blindings: tuple[int, ...], keys_of: KeysOf) -> Binding | None:
    """Give what the sum must open: the added commitments of exactly the cohort; None where the task asks for none."""
    draft = task.signed.draft
    if not draft.is_bound:
        return None
    rows = (commitments_of(task, seed, keys_of) for seed in seeds)
    return Binding(blindings=blindings, commitments=group.add_rows(rows, VectorLayout.of(draft.plan()).length))
