"""What may be asked of approvals; each takes the survivor's turn, so that none is given of what changes meanwhile.

Ids are made by the caller, so that a repeat is the same command. Shown by tests/integration/case/test_approvals.py, and
by tests/integration/case/test_approval_races.py.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from services.case.approvals.documents import ApprovalStore
from services.case.approvals.errors import ClosesAtOnceError, NothingPlannedError, SurvivorSaidNoError
from services.case.approvals.reading import PlanReader, finding
from services.case.approvals.rules import AT_ONCE, CLOSURE, PLAN, SAID_NO, Approval, Said
from services.case.episodes.documents import EPISODES
from services.case.episodes.errors import EpisodeClosedError
from services.case.episodes.states import ENDED
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnApproval(DomainCommand):
    """Base of what is done about an approval.

    Attributes:
        actor_id, role: Who does it.
    """

    approval_id: str
    episode_id: str
    survivor_id: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The episode, of which audit knows whose it is: so it stands on their own paper of who saw their record."""
        return self.episode_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The episode, and the survivor whose turn it takes."""
        return frozenset({self.episode_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class SaysAgreement(OnApproval):
    """Base of what says how the survivor stands to the plan.

    Attributes:
        agreement: A code of ``plan_agreement``.
        agreed_on, agreed_how: Where they agreed.
    """

    agreement: str
    agreed_on: date | None
    agreed_how: str | None

    def said(self, work: UnitOfWork) -> Said:
        """Give what they said.

        Raises:
            AgreementMisstatedError: It is not whole.
        """
        said = Said(agreement=self.agreement, on=self.agreed_on, how=self.agreed_how, by=self.actor_id, at=work.now)
        said.check(london_day(work.now))
        return said


@dataclass(frozen=True, kw_only=True)
class AskForPlan(SaysAgreement):
    """Somebody asks that the plan, as it stands, is approved."""

    action: ClassVar[str] = "case:approval:ask-plan"
    asked_of: str


def ask_for_plan(command: AskForPlan, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Keep the plan as it is at this moment, and ask for its approval.

    Raises:
        DocumentMissingError, EpisodeClosedError, NothingPlannedError, AgreementMisstatedError, SurvivorSaidNoError,
        TooManyApprovalsError: Nothing is asked.
    """
    _open_in_turn(command, work)
    said = command.said(work)
    if said.agreement == SAID_NO:
        raise SurvivorSaidNoError
    plan = PlanReader(finding(work), sealer, survivor_id=command.survivor_id, episode_id=command.episode_id).now()
    if not plan:
        raise NothingPlannedError
    return _asked(work, sealer, replace(_new(command, work, PLAN), said=(said,), plan=plan))


@dataclass(frozen=True, kw_only=True)
class AskForClosure(OnApproval):
    """Somebody asks that support ends."""

    action: ClassVar[str] = "case:approval:ask-closure"
    reason: str
    asked_of: str


def ask_for_closure(command: AskForClosure, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Ask that support ends; it ends when somebody else approves.

    Raises:
        DocumentMissingError, EpisodeClosedError, ClosesAtOnceError, TooManyApprovalsError: Nothing is asked.
    """
    _open_in_turn(command, work)
    if command.reason in AT_ONCE:
        raise ClosesAtOnceError
    return _asked(work, sealer, replace(_new(command, work, CLOSURE), closure_reason=command.reason))


@dataclass(frozen=True, kw_only=True)
class StateAgreement(SaysAgreement):
    """The survivor agreed meanwhile, or said no."""

    action: ClassVar[str] = "case:approval:agreement"


def state_agreement(command: StateAgreement, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Keep how the survivor stands to the plan now; what was said before stays, and a no ends the approval.

    Raises:
        DocumentMissingError, AgreementMisstatedError, ApprovalDecidedError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store = ApprovalStore(work, sealer)
    return _saved(store, store.get(command.approval_id).stated(command.said(work)))


@dataclass(frozen=True, kw_only=True)
class SettleApproval(OnApproval):
    """Whoever works with the person takes back what waits, or has read what was sent back."""

    action: ClassVar[str] = "case:approval:settle"


def settle_approval(command: SettleApproval, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Let nothing of it wait any more.

    Raises:
        DocumentMissingError, NothingToSettleError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store = ApprovalStore(work, sealer)
    return _saved(store, store.get(command.approval_id).settled(at=work.now))


def _open_in_turn(command: OnApproval, work: UnitOfWork) -> None:
    episode = work.get(EPISODES, command.episode_id)
    # Somebody may be closing it at this moment: one of the two comes after the other.
    SurvivorStore(work).take_turn(episode["survivor_id"])
    if episode["status"] in ENDED:
        raise EpisodeClosedError(command.episode_id)


def _new(command: AskForPlan | AskForClosure, work: UnitOfWork, kind: str) -> Approval:
    return Approval(
        id=command.approval_id,
        survivor_id=command.survivor_id,
        episode_id=command.episode_id,
        kind=kind,
        asked_of=command.asked_of,
        asked_by=command.actor_id,
        asked_at=work.now,
        updated_at=work.now,
    )


def _asked(work: UnitOfWork, sealer: Sealer, approval: Approval) -> Answer:
    ApprovalStore(work, sealer).add(approval)
    return Answer(status=201, ids={"id": approval.id, "version": 1})


def _saved(store: ApprovalStore, approval: Approval) -> Answer:
    return Answer(status=200, ids={"id": approval.id, "version": store.save(approval)})
