"""Reads the board's one sum of a task and what it must open; nothing here leaves the job's memory."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.custodian.domain.opening import Binding
from services.custodian.reports import KeysOf, commitments_of
from services.custodian.store import terms_of
from shared.contracts.vector import VectorLayout
from shared.kernel.errors import PoisonMessageError
from shared.keys import group, sealing, sharing
from shared.keys.commitments import blindings_from
from shared.keys.group import NotInGroupError
from shared.keys.sealing import SealedForAnotherError
from shared.keys.sharing import WrongShareSizeError


class UnreadableSumError(PoisonMessageError):
    """The board's one sum is no sum of this task; it gets no second try, and no other task waits for it."""

    code = "unreadable-sum"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__(
            "The board's sum cannot be opened, or belongs to another plan. Nothing of this task is published."
        )


def read_sum(task: Mapping[str, Any], keys_of: KeysOf) -> tuple[sharing.Share, tuple[int, ...]]:
    """Open the board's sum of shares and, where the task's policy asks for commitments, of their blindings.

    Raises:
        UnreadableSumError: It is no sum of this task.
        TaskKeyFileError: The key is lost.
    """
    draft = terms_of(dict(task)).draft
    length = VectorLayout.of(draft.plan()).length
    context = sharing.sum_context(task_hash=task["task_hash"], period=task["period"])
    key = keys_of(task["_id"]).existing_server_key()
    try:
        total, more = sharing.parted(key.open_sealed(sealing.from_text(task["sealed_sum"]), context), length)
        return total, blindings_from(more, length if draft.is_bound else 0)
    except (SealedForAnotherError, WrongShareSizeError, NotInGroupError) as error:
        raise UnreadableSumError from error


def binding_of(
    task: Mapping[str, Any], seeds: Iterable[Mapping[str, Any]], blindings: tuple[int, ...], keys_of: KeysOf
) -> Binding | None:
    """Give what the sum must open: the added commitments of exactly the cohort; None where the task asks for none."""
    draft = terms_of(dict(task)).draft
    if not draft.is_bound:
        return None
    rows = (commitments_of(task, seed, keys_of) for seed in seeds)
    return Binding(blindings=blindings, commitments=group.add_rows(rows, VectorLayout.of(draft.plan()).length))
