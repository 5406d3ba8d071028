"""The proofs, one document a withdrawal: the common document of everything that asks or answers about it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pymongo import IndexModel

from services.consent.withdrawals.rules import OPEN, Counted, Proof, Question
from shared.outbox.documents import DocumentType, Failing, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

WITHDRAWALS = "withdrawals"
MOST_AT_ONCE = 200


def _questions(questions: Iterable[Question]) -> list[dict[str, Any]]:
    return [{**asdict(one), "periods": list(one.periods)} for one in questions]


def _read_questions(kept: Iterable[Mapping[str, Any]]) -> tuple[Question, ...]:
    return tuple(Question(**{**one, "periods": tuple(one["periods"])}) for one in kept)


PROOF = DocumentType(
    collection=WITHDRAWALS,
    fields=(
        Field(name="consent_id", holds=Holds.ID),
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="purpose", holds=Holds.CODE),
        Field(name="recipient_class", holds=Holds.CODE),
        Field(name="status", holds=Holds.CODE),
        Field(name="effective_at", holds=Holds.INSTANT),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="consent_sequence", holds=Holds.COUNT, shown=False),
        Field(
            name="counted",
            holds=Holds.ID,
            write=lambda counted: [asdict(one) for one in counted],
            read=lambda kept: tuple(Counted(**one) for one in kept),
            shown=False,
        ),
        Field(name="questions", holds=Holds.ID, write=_questions, read=_read_questions),
        Field(name="proven_at", holds=Holds.INSTANT),
        # These three follow from the questions, and are kept to be looked for.
        Field(name="state", holds=Holds.CODE),
        Field(name="next_step_at", holds=Holds.INSTANT, shown=False),
        Field(name="late_since", holds=Holds.INSTANT, missing=None),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("survivor_id", 1)]),
        IndexModel([("questions.id", 1)]),
        IndexModel([("state", 1), ("next_step_at", 1)]),
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
    ),
    failing=Failing(where={"state": OPEN, "late_since": {"$ne": None}}, at="late_since"),
)
TYPES = (PROOF,)


class ProofStore:
    """The proofs."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def find(self, proof_id: str) -> Proof | None:
        """Give a proof, or None."""
        document = self._work.find(WITHDRAWALS, proof_id)
        return proof_from(document) if document is not None else None

    def get(self, proof_id: str) -> Proof:
        """Give a proof; ``DocumentMissingError`` if there is none."""
        return proof_from(self._work.get(WITHDRAWALS, proof_id))

    def asked(self, question_id: str) -> Proof | None:
        """Give the proof to which a question belongs, or None."""
        found = self._work.find_where(WITHDRAWALS, {"questions.id": question_id}, limit=1)
        return proof_from(found[0]) if found else None

    def save(self, proof: Proof) -> None:
        """Keep a proof, and since when somebody is late."""
        late = proof.late(self._work.now)
        document = PROOF.changed(
            self._work.find(WITHDRAWALS, proof.id) or {"_id": proof.id},
            consent_id=proof.consent_id,
            survivor_id=proof.survivor_id,
            purpose=proof.purpose,
            recipient_class=proof.recipient_class,
            status=proof.status,
            effective_at=proof.effective_at,
            recorded_at=proof.recorded_at,
            consent_sequence=proof.consent_sequence,
            counted=proof.counted,
            questions=proof.questions,
            proven_at=proof.proven_at,
            state=proof.state,
            next_step_at=proof.next_step_at(self._work.now),
            late_since=min((one.due_at for one in late), default=None),
            updated_at=self._work.now,
        )
        self._work.save(WITHDRAWALS, document)


def proof_from(document: Mapping[str, Any]) -> Proof:
    """Read a proof's document."""
    said = PROOF.values(document)
    beside = ("state", "next_step_at", "late_since", "updated_at")
    return Proof(**{name: value for name, value in said.items() if name not in beside})
