"""Somebody notes what a recipient outside answered; services answer by themselves."""

from dataclasses import dataclass
from typing import ClassVar

from services.consent.withdrawals.documents import WITHDRAWALS, ProofStore
from services.consent.withdrawals.opening import keep_answered
from services.consent.withdrawals.rules import ANSWERS, RECIPIENT, REFUSED
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

REFUSED_BY_LAW = "REFUSED_BY_LAW"
FINDINGS = ("DELETED", "STOPPED", "NOTHING_WAS_SENT")
"""What a recipient may have done."""


class AnswerIncompleteError(InvalidInputError):
    """A refusal without its reason in law, or a done that does not say what was done."""

    code = "answer-incomplete"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__(
            "DONE needs a finding (DELETED, STOPPED or NOTHING_WAS_SENT) and no legal_reason; REFUSED needs a "
            "legal_reason and no finding. Correct the answer."
        )


@dataclass(frozen=True, kw_only=True)
class NoteAnswer(DomainCommand):
    """What a recipient answered."""

    action: ClassVar[str] = "consent:withdrawal:note-answer"

    withdrawal_id: str
    question_id: str
    answer: str
    finding: str | None
    legal_reason: str | None
    actor_id: str

    @property
    def object_id(self) -> str:
        """The withdrawal."""
        return self.withdrawal_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The withdrawal, whose one document everybody who answers writes."""
        return frozenset({self.withdrawal_id})


def note_answer(command: NoteAnswer, work: UnitOfWork) -> Answer:
    """Note what a recipient answered. A done stays; a refusal may become a done, or name another reason.

    Raises:
        DocumentMissingError: There is no such withdrawal, or no such recipient in it.
        AnswerIncompleteError, UnknownCodeError: Nothing is noted.
    """
    before = ProofStore(work).get(command.withdrawal_id)
    if not any(one.id == command.question_id and one.kind == RECIPIENT for one in before.questions):
        raise DocumentMissingError(WITHDRAWALS)
    after = before.answered(
        command.question_id,
        command.answer,
        at=work.now,
        finding=_finding(command),
        legal_reason=command.legal_reason,
        by=command.actor_id,
    )
    keep_answered(work, before, after)
    return Answer(status=200, ids={"id": before.id, "state": after.state})


def _finding(command: NoteAnswer) -> str:
    refused = command.answer == REFUSED
    whole = (command.legal_reason is not None, command.finding is not None) == (refused, not refused)
    if command.answer not in ANSWERS or not whole:
        raise AnswerIncompleteError
    if command.legal_reason is not None:
        get("withdrawal_refusal").require(command.legal_reason)
    if command.finding is None:
        return REFUSED_BY_LAW
    if command.finding not in FINDINGS:
        raise AnswerIncompleteError
    return command.finding
