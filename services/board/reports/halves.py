"""Opens shares in memory, and makes of them what the custodian may have: checks, names and one sum."""

from collections.abc import Sequence

from services.board.reports.rules import HeldShare
from services.board.tasks.task import Task
from shared.contracts.board import CheckShare
from shared.contracts.vector import VectorLayout
from shared.keys import sealing, sharing
from shared.keys.commitments import Blindings, add_blindings, blindings_to, commit_share, name_of
from shared.keys.sharing import SEED_BYTES, WrongSeedError
from shared.keys.task_keys import KeysOf


def share_of(task: Task, share: HeldShare, keys_of: KeysOf) -> sharing.Share:
    """Open a stored share in memory."""
    return open_half(task, share, keys_of)[0]


def bound_share_of(task: Task, share: HeldShare, keys_of: KeysOf) -> tuple[sharing.Share, Blindings]:
    """Open a stored share with its blindings; only in a task whose policy asks for commitments."""
    content, seed = open_half(task, share, keys_of)
    return content, Blindings.of(seed, _context_of(task, share), content.size)


def name_of_share(task: Task, share: HeldShare, keys_of: KeysOf) -> str:
    """Give the name of the commitments to a stored share, which the custodian has from its host too."""
    return name_of(commit_share(*bound_share_of(task, share, keys_of)), _context_of(task, share))


def check_of(task: Task, share: HeldShare, keys_of: KeysOf) -> CheckShare:
    """Compute what the custodian compares with its own half of one report; nothing of it says a figure."""
    draft = task.signed.draft
    checks = VectorLayout.of(draft.plan()).checks(share_of(task, share, keys_of))
    return CheckShare(
        report_id=share.report_id,
        values=tuple(int(value) for value in checks),
        share=name_of_share(task, share, keys_of) if draft.is_bound else None,
    )


def sum_of(task: Task, shares: Sequence[HeldShare], keys_of: KeysOf) -> bytes:
    """Add up shares and, where the task asks for it, their blindings, which bind the sum to what the hosts sent."""
    draft = task.signed.draft
    length = VectorLayout.of(draft.plan()).length
    if not draft.is_bound:
        return sharing.to_bytes(sharing.add_up((share_of(task, share, keys_of) for share in shares), length))
    opened = [bound_share_of(task, share, keys_of) for share in shares]
    total = sharing.add_up((content for content, _ in opened), length)
    return sharing.with_more(total, blindings_to(add_blindings((one for _, one in opened), length)))


def open_half(task: Task, share: HeldShare, keys_of: KeysOf) -> tuple[sharing.Share, bytes]:
    """Give a share and the seed of its blindings; no bytes in a task whose policy asks for none.

    Raises:
        SealedForAnotherError, WrongSeedError, WrongShareSizeError: It is no half of this report.
    """
    draft = task.signed.draft
    key = keys_of(task.id).existing_server_key()
    opened = key.open_sealed(sealing.from_text(share.sealed), _context_of(task, share))
    content, seed = sharing.parted(opened, VectorLayout.of(draft.plan()).length)
    if len(seed) != (SEED_BYTES if draft.is_bound else 0):
        raise WrongSeedError(len(seed))
    return content, seed


def _context_of(task: Task, share: HeldShare) -> bytes:
    return sharing.report_context(
        task_hash=task.task_hash, period=task.period, host=share.host, report_id=share.report_id
    )
