"""Which half of a report may be taken: one rule for both servers, since only what both take is in a cohort. Pure.

Shown by tests/unit/statistics/test_admission.py.
"""

from typing import Protocol

from shared.contracts.reporting import SeedSubmitted, ShareSubmitted
from shared.contracts.task import TaskDraft

TAKEN_BEFORE = "TAKEN_BEFORE"
"""It is the half that was taken before, come again; no reason of a refusal."""


class Kept(Protocol):
    """A half that a server keeps."""

    @property
    def report_id(self) -> str:
        """Of its report."""
        ...

    @property
    def sealed(self) -> str:
        """Its content, as it came."""
        ...


def why_not_new(
    half: ShareSubmitted | SeedSubmitted,
    *,
    sender: str,
    kept: Kept | None,
    is_open: bool,
    draft: TaskDraft,
    task_hash: str,
) -> str | None:
    """Say why a half is not to be opened and kept: a code of the list report_refusal, or ``TAKEN_BEFORE``.

    Args:
        half: As it came.
        sender: Whose courier brought it.
        kept: What is kept of this host for this task already.
        is_open: Whether the task still takes reports.
        draft: The signed task's.
        task_hash: The signed task's.
    """
    is_the_same = kept is not None and (kept.report_id, kept.sealed) == (half.report_id, half.sealed)
    in_this_order = (
        ("WRONG_HOST", half.host != sender),
        (TAKEN_BEFORE, is_the_same),
        ("SECOND_REPORT", kept is not None),
        ("LATE", not is_open),
        ("NOT_ON_ROSTER", half.host not in draft.hosts),
        ("WRONG_TASK", half.task_hash != task_hash),
        # A host that was not upgraded: its half says too little for this task, and the code is one that it knows.
        ("DOES_NOT_OPEN", draft.is_bound and half.message_signature is None),
    )
    return next((reason for reason, is_so in in_this_order if is_so), None)
