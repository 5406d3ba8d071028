"""What the centre states: a task is open, what became of this host's report, and that a release is out."""

from functools import partial

from services.reporting.contributions.turns import take_turn
from services.reporting.periods.documents import (
    JUDGEMENT,
    JUDGEMENTS,
    RELEASE,
    RELEASES,
    Judgement,
    Release,
    TaskStore,
)
from services.reporting.periods.errors import WrongPlanError
from services.reporting.periods.task import KeptTask
from shared.codelists.periods import Period
from shared.codelists.plan_compiler import PlanRefusedError, check_fit
from shared.contracts.board import ReleasePublished, ReportJudged, TaskOpened
from shared.contracts.signed import SignedMessage
from shared.contracts.task import KNOWN_POLICIES, RosterHost, TaskDraft, task_message, terms_to
from shared.kernel.messages import Received
from shared.keys.messages import check_message
from shared.keys.signing import Trust, check_signature
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear the board."""
    trust = context.trust
    return [
        hears(TaskOpened, partial(keep_task, trust=trust)),
        hears(ReportJudged, partial(keep_judgement, trust=trust)),
        hears(ReleasePublished, partial(keep_release, trust=trust)),
    ]


def keep_task(received: Received[TaskOpened], work: UnitOfWork, *, trust: Trust) -> None:
    """Keep a task that board and custodian signed, if this host is on its roster and knows its plan.

    Raises:
        SignatureRefusedError: A server did not sign these terms, or the board not this very message.
        WrongPlanError: Plan or policy is not this version's, does not fit the period, or the roster has another key for
            this host.
    """
    event = received.event
    check_message(event, trust.board, required=event.terms.draft.is_bound)
    task_hash = event.terms.hash()
    message = task_message(task_hash)
    check_signature(trust.board, event.board_signature, message)
    check_signature(trust.custodian, event.custodian_signature, message)
    draft = event.terms.draft
    entry = draft.hosts.get(work.tenant_id)
    if entry is None:
        return
    _check_plan(draft, entry, trust)
    task = KeptTask(
        id=event.task_id,
        period=draft.period,
        covers=draft.covers,
        plan_id=draft.plan_id,
        plan_hash=draft.plan_hash,
        nation=entry.nation,
        setting=entry.setting,
        seal_at=draft.seal_at,
        closes_at=draft.closes_at,
        board_key=bytes.fromhex(draft.board_key),
        custodian_key=bytes.fromhex(event.terms.custodian_key),
        terms=terms_to(event.terms),
        task_hash=task_hash,
    )
    take_turn(work)
    TaskStore(work).add(task)


def keep_judgement(received: Received[ReportJudged], work: UnitOfWork, *, trust: Trust) -> None:
    """Note what the board says of this host's report, for the host's own page.

    Raises:
        SignatureRefusedError: The board did not say it.
    """
    event = received.event
    _check_whole(event, event.task_id, work, trust)
    judgement = Judgement(
        id=received.event_id,
        task_id=event.task_id,
        period=event.period,
        outcome=event.outcome,
        reason=event.reason,
        at=received.recorded_at,
    )
    work.save(JUDGEMENTS, JUDGEMENT.document(judgement))


def keep_release(received: Received[ReleasePublished], work: UnitOfWork, *, trust: Trust) -> None:
    """Note that the board published a release, for the host's own page.

    Raises:
        SignatureRefusedError: The board did not say it.
    """
    event = received.event
    _check_whole(event, event.task_id, work, trust)
    release = Release(id=event.release_id, period=event.period, task_id=event.task_id)
    work.save(RELEASES, RELEASE.document(release))


def _check_plan(draft: TaskDraft, entry: RosterHost, trust: Trust) -> None:
    """Check that this host can count what both servers signed.

    Raises:
        WrongPlanError: It cannot, or the roster has another key for it.
    """
    if draft.policy_version not in KNOWN_POLICIES:
        raise WrongPlanError(draft.plan_id)
    if draft.plan().hash() != draft.plan_hash or entry.signing_key != trust.own.public:
        raise WrongPlanError(draft.plan_id)
    try:
        check_fit(draft.plan(), draft.period, draft.covers)
    except PlanRefusedError as error:
        raise WrongPlanError(draft.plan_id) from error
    period = Period.parse(draft.period)
    if (draft.seal_at, draft.closes_at) != (period.seal_at(), period.closes_at()):
        raise WrongPlanError(draft.plan_id)


def _check_whole(event: SignedMessage, task_id: str, work: UnitOfWork, trust: Trust) -> None:
    """Check a message of the board; only of a task that began under an older policy it may come unsigned."""
    task = TaskStore(work).find(task_id)
    check_message(event, trust.board, required=task is None or task.is_bound)
