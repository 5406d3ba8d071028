"""What reporting answers when somebody takes back the permission to be counted: in no vector that is not sealed yet.

It says so only once the facts are gone: a seal that had passed before and is not carried out yet still needs them, and
until then reporting is silent and is asked again. It writes the statistics' common document, so a seal comes before or
after. Shown by tests/integration/reporting/test_withdrawal_answers.py.
"""

from services.reporting.contributions.documents import ContributionStore
from services.reporting.contributions.rules import WITHHELD
from services.reporting.contributions.turns import take_turn
from services.reporting.periods.documents import VECTORS, TaskStore
from shared.contracts.withdrawal import (
    DONE,
    IN_NO_UNSEALED_VECTOR,
    LATER_YES,
    CountingWithdrawalAsked,
    ReportingAnswered,
    StatedContribution,
)
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear what consent asks."""
    del context
    return [hears(CountingWithdrawalAsked, answer)]


def answer(received: Received[CountingWithdrawalAsked], work: UnitOfWork) -> None:
    """Answer, if it can be answered yet."""
    event = received.event
    take_turn(work)
    found = [_found(one, work) for one in event.contributions]
    if not found or None in found:
        return
    answered = ReportingAnswered(
        question_id=event.question_id,
        answer=DONE,
        finding=LATER_YES if LATER_YES in found else IN_NO_UNSEALED_VECTOR,
        sealed_periods=_sealed_with([one.contribution_id for one in event.contributions], work),
    )
    work.record(answered, sequence=received.sequence)


def _found(asked: StatedContribution, work: UnitOfWork) -> str | None:
    known = ContributionStore(work).find(asked.contribution_id)
    if known is None or known.versions[-1].sequence < asked.sequence:
        return None  # What withheld it has not come yet.
    *older, newest = known.versions
    if any(one.facts is not None for one in older):
        return None  # A seal that passed is not carried out yet; also one under a yes that came and ended since.
    if newest.state == WITHHELD:
        return IN_NO_UNSEALED_VECTOR
    return LATER_YES if newest.sequence > asked.sequence else None


def _sealed_with(contribution_ids: list[str], work: UnitOfWork) -> tuple[str, ...]:
    """Give the periods in whose sealed vectors they were counted; these figures stay as they are."""
    sealed = work.find_where(VECTORS, {"counted.contribution_id": {"$in": contribution_ids}})
    tasks = [TaskStore(work).find(vector["_id"]) for vector in sealed]
    return tuple(sorted({task.period for task in tasks if task is not None}))
