"""Opens the proof of a withdrawal in the transaction that ended the permission, and asks everybody concerned.

Promise: no permission ends without its proof, and none has two, whatever is repeated, killed or redelivered. Shown by
tests/integration/consent/test_withdrawal_proofs.py.
"""

from collections.abc import Iterable

from services.consent.gate.documents import GateStore
from services.consent.ledger.rules import STATISTICS, Consent
from services.consent.withdrawals.documents import ProofStore
from services.consent.withdrawals.rules import (
    NOTHING_WAS_SENT,
    PROVEN,
    REPORTING,
    SERVICE,
    Counted,
    Proof,
    Question,
    ends_a_permission,
    parties,
    proof_key,
)
from shared.contracts.withdrawal import (
    DONE,
    CountingWithdrawalAsked,
    StatedContribution,
    WithdrawalAsked,
    WithdrawalProven,
)
from shared.kernel.ids import new_id
from shared.kernel.tenancy import is_sandbox
from shared.outbox.unit_of_work import UnitOfWork


def open_proofs(work: UnitOfWork, changes: Iterable[tuple[Consent, Consent]]) -> None:
    """Open the proof of each ledger whose last line ended a permission; in the survivor's turn, after the gate stated.

    Args:
        work: The transaction.
        changes: Ledgers as they were, and as they were saved.
    """
    for before, after in changes:
        if ends_a_permission(before.entries, after.entries):
            _open(work, after)


def ask(work: UnitOfWork, proof: Proof, question: Question) -> None:
    """Ask one service."""
    if question.kind != SERVICE:
        return
    if question.party == REPORTING:
        stated = tuple(
            StatedContribution(contribution_id=c.contribution_id, sequence=c.sequence) for c in proof.counted
        )
        work.record(CountingWithdrawalAsked(question_id=question.id, contributions=stated), sequence=question.asked)
        return
    asked = WithdrawalAsked(
        question_id=question.id,
        asked_of=question.party,
        survivor_id=proof.survivor_id,
        consent_id=proof.consent_id,
        consent_sequence=proof.consent_sequence,
        purpose=proof.purpose,
        effective_at=proof.effective_at,
    )
    work.record(asked, sequence=question.asked)


def keep_answered(work: UnitOfWork, before: Proof, after: Proof) -> None:
    """Keep a proof that somebody answered; say so once it is whole."""
    if after == before:
        return
    ProofStore(work).save(after)
    if after.state == PROVEN and before.state != PROVEN and after.proven_at is not None:
        proven = WithdrawalProven(
            withdrawal_id=after.id,
            consent_id=after.consent_id,
            survivor_id=after.survivor_id,
            purpose=after.purpose,
            effective_at=after.effective_at,
            proven_at=after.proven_at,
        )
        work.record(proven, sequence=after.version + 1)


def _open(work: UnitOfWork, consent: Consent) -> None:
    key = proof_key(consent.id, len(consent.entries))
    if ProofStore(work).find(key) is not None:
        return
    line = consent.entries[-1]
    counted: tuple[Counted, ...] = ()
    # A sandbox has no statistics: whoever was asked there would never answer.
    if consent.purpose == STATISTICS and not is_sandbox(work.tenant_id):
        episodes = GateStore(work).of_survivors([consent.survivor_id])
        counted = tuple(Counted(contribution_id=e.contribution_id, sequence=e.gate_version) for e in episodes)
    questions = [
        Question(id=new_id(), party=party, kind=kind, due_at=work.now + within, asked=1, asked_at=work.now)
        for party, kind, within in parties(consent.purpose, consent.recipient_class, counted=bool(counted))
    ]
    if consent.purpose == STATISTICS and not counted:
        questions.append(_nothing_to_count(work))
    proof = Proof(
        id=key,
        consent_id=consent.id,
        survivor_id=consent.survivor_id,
        purpose=consent.purpose,
        recipient_class=consent.recipient_class,
        status=line.status,
        effective_at=line.said_at,
        recorded_at=line.recorded_at,
        consent_sequence=consent.version,
        counted=counted,
        questions=tuple(questions),
    )
    ProofStore(work).save(proof)
    for question in proof.questions:
        if question.is_open:
            ask(work, proof, question)


def _nothing_to_count(work: UnitOfWork) -> Question:
    """Say of the statistics that nothing of them was ever stated there; consent knows it itself."""
    return Question(
        id=new_id(),
        party=REPORTING,
        kind=SERVICE,
        due_at=work.now,
        asked=1,
        asked_at=work.now,
        answer=DONE,
        finding=NOTHING_WAS_SENT,
        answered_at=work.now,
    )
