"""Proposing a task to the custodian."""

from dataclasses import dataclass, replace
from typing import ClassVar

from services.board.tasks.documents import take_turn_among_tasks, tasks
from services.board.tasks.errors import (
    RosterTooLargeError,
    RosterTooSmallError,
    TaskExistsError,
    TaskTooLateError,
)
from services.board.tasks.task import NOT_PUBLISHED, PROPOSED, REFUSED_DRAFT, task_of
from shared.codelists.periods import Period
from shared.codelists.plan import load_plan
from shared.codelists.plan_compiler import MAX_COVERED, check_fit, check_timing
from shared.contracts.board import TaskProposed
from shared.contracts.task import POLICY_VERSION, PURPOSE, TaskDraft, TaskTerms, draft_message
from shared.contracts.vector import MAX_HOSTS
from shared.keys.messages import sign_message
from shared.keys.signing import Trust
from shared.keys.task_keys import KeysOf
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

_UNKNOWN_YET = "0" * 64


@dataclass(frozen=True, kw_only=True)
class ProposeTask(DomainCommand):
    """The board wants a period counted, by a plan, by these hosts."""

    action: ClassVar[str] = "board:task:propose"
    task_id: str
    period: str
    plan_id: str
    roster: tuple[str, ...]

    @property
    def object_id(self) -> str:
        """The task."""
        return self.task_id

    @property
    def aggregates(self) -> frozenset[str]:
        """A period is proposed once at a time."""
        return frozenset({f"period:{self.period}"})


def propose_task(command: ProposeTask, work: UnitOfWork, *, keys_of: KeysOf, trust: Trust) -> Answer:
    """Propose a task to the custodian; hosts hear of it when the custodian has made its keys and signed.

    Raises:
        TaskExistsError, TaskTooLateError, RosterTooSmallError, RosterTooLargeError, UnknownHostError,
        UnknownPlanError, PlanRefusedError, InvalidPeriodError: Nothing is proposed.
    """
    declared = load_plan(command.plan_id)
    period = Period.parse(command.period)
    check_timing(declared, command.period, period.starts_on())
    if len(set(command.roster)) < declared.minimums.hosts:
        raise RosterTooSmallError(declared.minimums.hosts)
    if len(set(command.roster)) > MAX_HOSTS:
        raise RosterTooLargeError(MAX_HOSTS)
    take_turn_among_tasks(work)
    if tasks(work).where({"period": command.period, "state": {"$ne": REFUSED_DRAFT}}, limit=1):
        raise TaskExistsError(command.period)
    if work.now >= period.seal_at():
        raise TaskTooLateError(command.period)
    covers = _covers(work, period)
    check_fit(declared, command.period, covers)
    draft = TaskDraft(
        task_id=command.task_id,
        period=command.period,
        covers=covers,
        purpose=PURPOSE,
        policy_version=POLICY_VERSION,
        plan_id=declared.id,
        plan_hash=_UNKNOWN_YET,
        roster=tuple(trust.hosts.get(host) for host in sorted(set(command.roster))),
        seal_at=period.seal_at(),
        closes_at=period.closes_at(),
        board_key=_UNKNOWN_YET,
    )
    draft = _with_plan_hash(draft)
    for task in tasks(work).where({"unopened": {"$ne": True}, "state": {"$ne": REFUSED_DRAFT}}):
        if draft.repeats(task.signed.draft):
            raise TaskExistsError(command.period)
    # Last of all, so that what is refused leaves no key behind.
    draft = replace(draft, board_key=keys_of(command.task_id).server_key().public_bytes.hex())
    # Until the custodian has answered, its two keys are not known and the task has no hash that counts.
    terms = TaskTerms(draft=draft, custodian_key=_UNKNOWN_YET, coin_key_hash=_UNKNOWN_YET)
    tasks(work).add(task_of(terms, PROPOSED))
    proposed = TaskProposed(task_id=draft.task_id, draft=draft, signature=trust.own.sign(draft_message(draft.hash())))
    work.record(sign_message(proposed, trust.own), sequence=1, route="custodian")
    return Answer(status=201, ids={"id": command.task_id, "period": command.period, "version": 1})


def _covers(work: UnitOfWork, period: Period) -> tuple[str, ...]:
    """Give the periods to count: this one, after those before it whose task was never opened."""
    query = {"period": str(period.previous()), "state": NOT_PUBLISHED, "unopened": True}
    before = tasks(work).where(query, limit=1)
    return (*(before[0].covers[1 - MAX_COVERED :] if before else ()), str(period))


def _with_plan_hash(draft: TaskDraft) -> TaskDraft:
    return replace(draft, plan_hash=draft.plan().hash())
