"""What case answers when a permission ended.

What case keeps of a survivor it keeps for their support, on the host's own basis. What was given to a recipient under
that permission was given under a permit (ADR 0070): nothing of it goes out any more from that moment, and whoever has
something is to be told, which the person's page and the proof show. So it can answer as soon as it has heard.
Shown by tests/integration/consent/test_withdrawal_proofs.py and tests/integration/case/test_disclosures.py.
"""

from services.case.disclosures.ending import end_under
from shared.contracts.withdrawal import (
    DONE,
    KEPT_FOR_SUPPORT_ONLY,
    RECIPIENTS_ARE_TOLD,
    CaseAnswered,
    WithdrawalAsked,
)
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
    finding = RECIPIENTS_ARE_TOLD if end_under(event, work) else KEPT_FOR_SUPPORT_ONLY
    work.record(CaseAnswered(question_id=event.question_id, answer=DONE, finding=finding), sequence=received.sequence)
