"""One function for each fact heard and each command; each is one transaction."""

from services.reporting import provenance
from services.reporting.commands import SealPeriod, SignOff
from services.reporting.contributions import RELEASED, WITHHELD, Contribution, Facts, Version
from services.reporting.domain import Task, tally
from services.reporting.errors import NotProvenYetError, NotTheTimeError, PreviewChangedError, WrongPlanError
from services.reporting.seal import check_ready, complete_through, may_be_signed, sealed_halves
from services.reporting.signature import signed_episodes
from services.reporting.store import (
    JUDGEMENTS,
    NOT_SENT,
    RELEASES,
    SEALED,
    SIGN_OFFS,
    TASKS,
    VECTORS,
    ContributionStore,
    TaskStore,
    plan_of,
    tally_to,
    task_from,
)
from services.reporting.turns import CONSENT, take_turn
from shared.codelists.periods import Period
from shared.codelists.plan_compiler import PlanRefusedError, check_fit
from shared.contracts.board import ReleasePublished, ReportJudged, TaskOpened
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.contracts.reporting import SeedSubmitted, ShareSubmitted
from shared.contracts.signed import SignedMessage
from shared.contracts.task import KNOWN_POLICIES, SEED, SHARE, report_message, task_message, terms_from
from shared.kernel.messages import Received
from shared.keys.messages import check_message, sign_message
from shared.keys.signing import SigningKey, Trust, check_signature
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork


def keep_released(received: Received[FactsReleased], work: UnitOfWork) -> None:
    """Keep the facts of an episode whose survivor agreed to be counted."""
    event = received.event
    facts = Facts(
        month=event.referral_month,
        gender=event.gender,
        exploitation_types=event.exploitation_types,
        region=event.region_of_nationality,
        transfer_in=event.transfer_in,
        excluded=event.excluded,
    )
    _keep(
        work,
        event.contribution_id,
        event.person_id,
        Version(
            state=RELEASED,
            quarter=str(Period.of_month(event.referral_month)),
            facts=facts,
            event_id=received.event_id,
            reason=None,
            effective_from=event.effective_from,
            until=event.until,
            recorded_at=max(event.facts_recorded_at, event.decided_recorded_at),
            facts_recorded_at=event.facts_recorded_at,
            sequence=received.sequence,
        ),
    )


def keep_withheld(received: Received[FactsWithheld], work: UnitOfWork) -> None:
    """Keep that an episode is left out, and why; its facts go unless an open seal needs them."""
    event = received.event
    _keep(
        work,
        event.contribution_id,
        event.person_id,
        Version(
            state=WITHHELD,
            quarter=event.referral_quarter,
            facts=None,
            reason=event.reason,
            effective_from=event.effective_at,
            until=None,
            recorded_at=max(event.facts_recorded_at, event.decided_recorded_at),
            facts_recorded_at=event.facts_recorded_at,
            sequence=received.sequence,
        ),
    )


def keep_task(received: Received[TaskOpened], work: UnitOfWork, *, trust: Trust) -> None:
    """Keep a task that board and custodian signed, if this host is on its roster and knows its plan.

    Raises:
        SignatureRefusedError: A server did not sign these terms, or the board not this very message.
        WrongPlanError: Plan or policy is not this version's, does not fit the period, or the roster has another key for
            this host.
    """
    event = received.event
    check_message(event, trust.board, required=event.terms.draft.is_bound)
    message = task_message(event.terms.hash())
    check_signature(trust.board, event.board_signature, message)
    check_signature(trust.custodian, event.custodian_signature, message)
    draft = event.terms.draft
    entry = draft.hosts.get(work.tenant_id)
    if entry is None:
        return
    if draft.policy_version not in KNOWN_POLICIES:
        raise WrongPlanError(draft.plan_id)
    if draft.plan().hash() != draft.plan_hash or entry.signing_key != trust.own.public:
        raise WrongPlanError(draft.plan_id)
    try:
        check_fit(draft.plan(), draft.period, draft.covers)
    except PlanRefusedError as error:
        raise WrongPlanError(draft.plan_id) from error
    if (draft.seal_at, draft.closes_at) != (
        Period.parse(draft.period).seal_at(),
        Period.parse(draft.period).closes_at(),
    ):
        raise WrongPlanError(draft.plan_id)
    task = Task(
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
    )
    take_turn(work)
    TaskStore(work).add(task, event.terms)


def keep_judgement(received: Received[ReportJudged], work: UnitOfWork, *, trust: Trust) -> None:
    """Note what the board says of this host's report, for the host's own page.

    Raises:
        SignatureRefusedError: The board did not say it.
    """
    event = received.event
    _check_whole(event, event.task_id, work, trust)
    work.save(
        JUDGEMENTS,
        {
            "_id": received.event_id,
            "task_id": event.task_id,
            "period": event.period,
            "outcome": event.outcome,
            "reason": event.reason,
            "at": received.recorded_at,
        },
    )


def keep_release(received: Received[ReleasePublished], work: UnitOfWork, *, trust: Trust) -> None:
    """Note that the board published a release, for the host's own page.

    Raises:
        SignatureRefusedError: The board did not say it.
    """
    event = received.event
    _check_whole(event, event.task_id, work, trust)
    work.save(RELEASES, {"_id": event.release_id, "period": event.period, "task_id": event.task_id})


def sign_off(command: SignOff, *, work: UnitOfWork, key: SigningKey) -> Answer:
    """Sign a period's preview and its task, between the period's end and the seal.

    One act signs both: the preview inside this host, and the task's hash with the data lead's key, which board
    and custodian check on the report.

    Raises:
        NoTaskError, NotTheTimeError, NotProvenYetError, PreviewChangedError: Nothing is signed.
    """
    take_turn(work)
    document = TaskStore(work).get_document(command.period)
    task = task_from(document)
    ends_at = Period.parse(task.period).ends_at()
    if work.now < ends_at:
        raise NotTheTimeError(command.period, "the period has not ended yet. Sign it between its end and its seal")
    if work.now >= task.seal_at:
        raise NotTheTimeError(command.period, "its seal has passed. This host takes part again in the next period")
    streams = work.find("streams", CONSENT)
    if not may_be_signed(streams, task, work.now):
        raise NotProvenYetError(command.period)
    store = ContributionStore(work)
    contributions, before = store.of_quarters(task.quarters()), store.counted_before(task)
    counted = tally(contributions, plan_of(document), task, counted_before=before)
    if counted.digest(task) != command.digest:
        raise PreviewChangedError(command.period)
    work.save(
        SIGN_OFFS,
        {
            "_id": task.id,
            "actor_id": command.actor_id,
            "signed_at": work.now,
            "task_signature": key.sign(task_message(document["task_hash"])),
            "digest": command.digest,
            "complete_through": complete_through(streams),
            "episodes": signed_episodes(contributions, task, counted_before=before),
            **tally_to(counted),
        },
    )
    return Answer(status=201, ids={"id": task.id, "period": command.period, "digest": command.digest})


def seal_period(command: SealPeriod, *, work: UnitOfWork, key: SigningKey) -> Answer:
    """Seal a period: count, split, seal both halves, and state them once, in one transaction.

    Raises:
        NoTaskError: There is no such task.
        NotReadyToSealError: Unsigned, unproven, too early or late; nothing was sent.
    """
    take_turn(work)
    tasks = TaskStore(work)
    document = tasks.get_document(command.period)
    task = task_from(document)
    stored = work.find(VECTORS, task.id)
    if stored is not None:
        return Answer(status=200, ids={"id": stored["report_id"], "period": task.period, "state": SEALED})
    store = ContributionStore(work)
    contributions, before = store.of_quarters(task.quarters()), store.counted_before(task)
    check_ready(work, task, contributions, counted_before=before)
    plan = plan_of(document)
    counted = tally(contributions, plan, task, counted_before=before)
    is_bound = terms_from(document["terms"]).draft.is_bound
    share, seed = sealed_halves(
        task,
        plan,
        counted,
        task_hash=document["task_hash"],
        host=str(work.tenant_id),
        report_id=command.report_id,
        seed=command.seed,
        blind=command.blind if is_bound else b"",
    )
    work.insert(
        VECTORS,
        {
            "_id": task.id,
            "report_id": command.report_id,
            "sealed_at": work.now,
            "provenance_salt": command.salt,
            "provenance": provenance.commitment(command.salt, counted.counted),
            "counted": [{"contribution_id": one, "consent_event_id": event} for one, event in counted.counted],
            **tally_to(counted),
        },
    )
    signed = work.get(SIGN_OFFS, task.id)
    common = {
        "report_id": command.report_id,
        "task_id": task.id,
        "host": str(work.tenant_id),
        "task_hash": document["task_hash"],
        "task_signature": signed["task_signature"],
    }

    def signature(half: str, sealed: str) -> str:
        place = {"task_hash": document["task_hash"], "host": str(work.tenant_id), "report_id": command.report_id}
        return key.sign(report_message(half, **place, sealed=sealed))

    committed = provenance.commitment(command.salt, counted.counted)
    halves: tuple[tuple[SignedMessage, str], ...] = (
        (ShareSubmitted(**common, provenance=committed, sealed=share, signature=signature(SHARE, share)), "board"),
        (SeedSubmitted(**common, sealed=seed, signature=signature(SEED, seed)), "custodian"),
    )
    for half, route in halves:
        work.record(sign_message(half, key), sequence=1, route=route)
    tasks.end(document, SEALED, None)
    _forget_signed(work, task.id)
    _forget_facts(work, task)
    return Answer(status=201, ids={"id": command.report_id, "period": task.period, "state": SEALED})


def give_up(period: str, reason: str, *, work: UnitOfWork) -> Answer:
    """Note that a period closed without a report from here, and why; nothing is sent afterwards."""
    take_turn(work)
    tasks = TaskStore(work)
    document = tasks.get_document(period)
    if work.find(VECTORS, document["_id"]) is None and document["state"] != NOT_SENT:
        tasks.end(document, NOT_SENT, reason)
        _forget_signed(work, document["_id"])
        _forget_facts(work, task_from(document))
    return Answer(status=200, ids={"period": period, "state": NOT_SENT})


def _forget_signed(work: UnitOfWork, task_id: str) -> None:
    """Drop the list of episodes that a signature covered, once nothing can lapse any more."""
    signed = work.find(SIGN_OFFS, task_id)
    if signed is not None and "episodes" in signed:
        work.replace(SIGN_OFFS, {name: value for name, value in signed.items() if name != "episodes"})


def _forget_facts(work: UnitOfWork, task: Task) -> None:
    """Drop the states that only this task's seal needed."""
    store = ContributionStore(work)
    # The last quarter and its year have one seal instant: only what no open task needs goes.
    left = TaskStore(work).open_seals()
    for contribution in store.of_quarters(task.quarters()):
        pruned = contribution.pruned(left)
        if pruned != contribution:
            store.save(pruned)


def _check_whole(event: SignedMessage, task_id: str, work: UnitOfWork, trust: Trust) -> None:
    """Check a message of the board; only of a task that began under an older policy it may come unsigned."""
    task = work.find(TASKS, task_id)
    check_message(event, trust.board, required=task is None or terms_from(task["terms"]).draft.is_bound)


def _keep(work: UnitOfWork, contribution_id: str, person_id: str, version: Version) -> None:
    take_turn(work)
    store = ContributionStore(work)
    known = store.find(contribution_id) or Contribution(id=contribution_id, person_id=person_id, versions=())
    # The open tasks are few and read once a transaction.
    seals = work.memo("open-seals", TaskStore(work).open_seals)
    store.save(known.with_version(version, seals, person_id=person_id))
