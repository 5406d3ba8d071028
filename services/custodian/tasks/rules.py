"""Which tasks the custodian serves, as far as a draft itself and the register of hosts tell; pure."""

from collections.abc import Callable, Mapping

from services.custodian.tasks.errors import TaskRefusedError
from services.custodian.tasks.task import Task
from shared.codelists.periods import Period
from shared.codelists.plan_compiler import check_fit, check_timing
from shared.contracts.signed import SignedMessage
from shared.contracts.task import POLICY_VERSION, PURPOSE, RosterHost, TaskDraft
from shared.contracts.vector import MAX_HOSTS, VectorLayout
from shared.keys import proofs
from shared.keys.messages import check_message
from shared.keys.signing import Trust


def check_draft(task_id: str, draft: TaskDraft, host_of: Callable[[str], RosterHost]) -> None:
    """Check that a draft is of this version's rules and of the hosts as this server knows them.

    Raises:
        TaskRefusedError, InvalidPeriodError, PlanRefusedError, UnknownHostError: This server does not serve it.
    """
    period = Period.parse(draft.period)
    plan = draft.plan()
    check_timing(plan, draft.period, period.starts_on())
    check_fit(plan, draft.period, draft.covers)
    known = {entry.host: host_of(entry.host) for entry in draft.roster}
    complaints = {
        "its id and draft are not of one task": draft.task_id != task_id,
        "its purpose or policy is not this version's": (draft.purpose, draft.policy_version)
        != (PURPOSE, POLICY_VERSION),
        "its plan is not the plan of this version": plan.hash() != draft.plan_hash,
        "its seal or closing is not the period's": (draft.seal_at, draft.closes_at)
        != (period.seal_at(), period.closes_at()),
        "a host on its roster has another key, nation or setting here": any(
            known[entry.host] != entry for entry in draft.roster
        ),
        "a host is on its roster twice": len(known) != len(draft.roster),
        "its roster has fewer hosts than a cohort needs": len(known) < plan.minimums.hosts,
        "its plan has more categories than a report can prove": proofs.size(VectorLayout.of(plan)) > proofs.MAX_BYTES,
        "its roster has more hosts than sums can hold": len(known) > MAX_HOSTS,
    }
    refuse_if(complaints)


def refuse_if(complaints: Mapping[str, bool]) -> None:
    """Refuse a task by the first complaint that holds.

    Raises:
        TaskRefusedError: One does.
    """
    for why, holds in complaints.items():
        if holds:
            raise TaskRefusedError(why)


def check_whole(event: SignedMessage, task: Task, trust: Trust) -> None:
    """Check the board's signature over every value of a message, in a task whose policy asks for it.

    Raises:
        SignatureRefusedError: It is not the board's, or something in it was changed.
    """
    check_message(event, trust.board, required=task.signed.draft.is_bound)
