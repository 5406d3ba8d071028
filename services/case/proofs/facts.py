"""What case answers when a permission ended.

What case keeps of a survivor it keeps for their support, on the host's own basis, and gives to nobody under a
permission: nothing of one person leaves this host. So it can answer as soon as it has heard.
Shown by tests/integration/consent/test_withdrawals_proven.py.
"""

from shared.contracts.withdrawal import DONE, KEPT_FOR_SUPPORT_ONLY, CaseAnswered, WithdrawalAsked
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

CASE = "case"


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear what consent asks."""
    del context
    return [hears(WithdrawalAsked, answer)]


def answer(received: Received[WithdrawalAsked], work: UnitOfWork) -> None:
    """Answer a question that is put to case; each time that it is asked."""
    event = received.event
    if event.asked_of != CASE:
        return
    answered = CaseAnswered(question_id=event.question_id, answer=DONE, finding=KEPT_FOR_SUPPORT_ONLY)
    work.record(answered, sequence=received.sequence)
