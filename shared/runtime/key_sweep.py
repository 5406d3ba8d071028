"""Destroys keys of tasks that no database knows: made for a draft whose transaction never came to its end.

Limit: a younger file is left alone, since the transaction that will store its task may still run; those are cut at
10 seconds.
"""

from collections.abc import Callable, Sequence

from shared.kernel.clock import real_now
from shared.keys.task_keys import TaskKeys
from shared.runtime.one_by_one import OneByOne

ORPHAN_AFTER_S = 600.0


def destroy_orphans(
    keys_of: Callable[[str], TaskKeys], *, known: Callable[[list[str]], Sequence[str]], apart: OneByOne
) -> None:
    """Destroy every key older than ``ORPHAN_AFTER_S`` whose task is not among the known ones."""
    before = real_now().timestamp() - ORPHAN_AFTER_S
    old = [task_id for task_id, made_at in keys_of("").held().items() if made_at < before]
    if old:
        orphans = set(old) - set(known(old))
        apart.each(sorted(orphans), lambda task_id: keys_of(task_id).destroy(), name="sweep")
