"""What the services of the tenant answer."""

from services.consent.withdrawals.documents import ProofStore
from services.consent.withdrawals.opening import keep_answered
from services.consent.withdrawals.rules import SERVICE
from shared.contracts.withdrawal import (
    DONE,
    CaseAnswered,
    IntegrationsAnswered,
    ReportingAnswered,
    WithdrawalAnswered,
)
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear every service's answer."""
    del context
    return [
        hears(CaseAnswered, note_answer),
        hears(IntegrationsAnswered, note_answer),
        hears(ReportingAnswered, note_counting_answer),
    ]


def note_answer(received: Received[CaseAnswered] | Received[IntegrationsAnswered], work: UnitOfWork) -> None:
    """Note that a service carried a withdrawal out."""
    _note(received.event, work)


def note_counting_answer(received: Received[ReportingAnswered], work: UnitOfWork) -> None:
    """Note that the statistics carried it out, and which sealed figures stay."""
    _note(received.event, work, periods=received.event.sealed_periods)


def _note(event: WithdrawalAnswered, work: UnitOfWork, *, periods: tuple[str, ...] = ()) -> None:
    """Note an answer to a question that was put to the very service that answers; to any other it is none."""
    proof = ProofStore(work).asked(event.question_id)
    if proof is None or event.answer != DONE:
        return
    party = next(one for one in proof.questions if one.id == event.question_id)
    if (party.kind, party.party) != (SERVICE, event.source):
        return
    after = proof.answered(event.question_id, DONE, at=work.now, finding=event.finding, periods=periods)
    keep_answered(work, proof, after)
