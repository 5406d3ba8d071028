"""Support that ended without waiting for anybody is looked at afterwards."""

from typing import Protocol

from services.case.approvals.documents import ApprovalStore
from services.case.approvals.rules import CLOSURE, TO_REVIEW, Approval
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from shared.outbox.unit_of_work import UnitOfWork


class Ended(Protocol):
    """What ended it."""

    @property
    def episode_id(self) -> str:
        """Which support."""

    @property
    def survivor_id(self) -> str:
        """Whose."""

    @property
    def reason(self) -> str:
        """Why, a code of ``closure_reason``."""

    @property
    def actor_id(self) -> str:
        """Who ended it."""


def note_for_review(ended: Ended, work: UnitOfWork, sealer: Sealer) -> None:
    """Ask that somebody else looks at it; nothing waits for that.

    An episode that ended more often than may be asked about keeps its history, and holds nobody up.
    """
    store = ApprovalStore(work, sealer)
    if store.is_full(ended.episode_id):
        return
    store.add(
        Approval(
            id=new_id(),
            survivor_id=ended.survivor_id,
            episode_id=ended.episode_id,
            kind=CLOSURE,
            state=TO_REVIEW,
            closure_reason=ended.reason,
            asked_by=ended.actor_id,
            asked_at=work.now,
            updated_at=work.now,
        )
    )
