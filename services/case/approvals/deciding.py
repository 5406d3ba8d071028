"""How somebody else decides: approve what was asked for, or send it back with words; an approved end ends support.

Shown by tests/integration/case/test_approvals.py, and by tests/integration/case/test_approval_races.py.
"""

from dataclasses import dataclass
from typing import ClassVar

from services.case.approvals.commands import OnApproval
from services.case.approvals.documents import ApprovalStore
from services.case.approvals.errors import PlanChangedError
from services.case.approvals.reading import PlanReader, finding
from services.case.approvals.rules import CLOSURE, PLAN, SAFEGUARDING_LEAD, WAITING, Approval
from services.case.episodes.commands import CloseEpisode, end_support
from services.case.episodes.documents import EpisodeStore
from services.case.episodes.errors import EpisodeClosedError
from services.case.episodes.states import ENDED
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.kernel.errors import NotTheirsError
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Approve(OnApproval):
    """Somebody else says yes."""

    action: ClassVar[str] = "case:approval:approve"


def approve(command: Approve, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Approve exactly what was asked for; of an end of support, it ends now.

    Raises:
        DocumentMissingError, NotTheirsError, OwnApprovalError, ApprovalDecidedError, SurvivorSaidNoError,
        PlanChangedError, EpisodeClosedError: Nothing changes.
    """
    store, asked = _in_turn(command, work, sealer)
    approved = asked.approved(command.actor_id, command.role, at=work.now)
    if asked.state != WAITING:
        return Answer(status=200, ids={"id": asked.id, "version": store.save(approved)})
    episode = EpisodeStore(work, sealer).get(asked.episode_id)
    if episode.status in ENDED:
        raise EpisodeClosedError(asked.episode_id)
    reader = PlanReader(finding(work), sealer, survivor_id=asked.survivor_id, episode_id=asked.episode_id)
    if asked.kind == PLAN and reader.changes(asked.plan).any:
        raise PlanChangedError
    version = store.save(approved)
    if asked.kind == CLOSURE and asked.closure_reason is not None:
        closing = CloseEpisode(
            episode_id=episode.id,
            survivor_id=episode.survivor_id,
            version=episode.version,
            reason=asked.closure_reason,
            actor_id=command.actor_id,
            role=command.role,
        )
        end_support(closing, work, sealer=sealer)
    return Answer(status=200, ids={"id": asked.id, "version": version})


@dataclass(frozen=True, kw_only=True)
class SendBack(OnApproval):
    """Somebody else says what is to be mended first."""

    action: ClassVar[str] = "case:approval:send-back"
    words: str


def send_back(command: SendBack, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Send it back; whoever works with the person sees the words.

    Raises:
        DocumentMissingError, NotTheirsError, OwnApprovalError, ApprovalDecidedError: Nothing changes.
    """
    store, asked = _in_turn(command, work, sealer)
    back = asked.sent_back(command.words, command.actor_id, command.role, at=work.now)
    return Answer(status=200, ids={"id": asked.id, "version": store.save(back)})


def _in_turn(command: OnApproval, work: UnitOfWork, sealer: Sealer) -> tuple[ApprovalStore, Approval]:
    survivors, store = SurvivorStore(work), ApprovalStore(work, sealer)
    survivors.take_turn(command.survivor_id)
    asked = store.get(command.approval_id)
    if command.role == SAFEGUARDING_LEAD and asked.asked_of != SAFEGUARDING_LEAD:
        raise NotTheirsError
    works_with = {command.actor_id} if survivors.may_act(command.survivor_id, command.actor_id) else set()
    asked.check_other(command.actor_id, works_with)
    return store, asked
