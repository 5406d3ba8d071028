"""Checkpoints of a host's audit log on their way to its witnesses, and what these answer; nobody is named in them.

What a message of C2SP tlog-witness carries as text, these carry as fields: both sides write the same checkpoint of them
and sign that. A size is a multiple of 4,096, so it tells of nobody's day (ADR 0069).
"""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Count, Hash, Id, Instant, LaterKey, LaterSignature, Signature
from shared.contracts.signed import SignedMessage
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class CheckpointOffered(Event):
    """The log's daily checkpoint is ready for one witness.

    Attributes:
        witness: ``board`` or ``custodian``.
        before: The size that this witness confirmed last; 0 before the first time.
        proof: That the tree of ``size`` begins with the one of ``before``.
        ed25519: The log's signature over the checkpoint's text.
        ml_dsa_44: The log's other signature, as of ``at``.
    """

    event_type: ClassVar[str] = "alongside.audit.checkpoint_offered.v1"
    source: ClassVar[str] = "audit"
    subject_field: ClassVar[str] = "offer_id"

    offer_id: Id
    witness: Code
    size: Count
    root: Hash
    at: Instant
    before: Count
    proof: tuple[Hash, ...]
    ed25519: Signature
    ml_dsa_44: LaterSignature
    ed25519_key: Hash
    ml_dsa_44_key: LaterKey


@dataclass(frozen=True, kw_only=True)
class CheckpointSubmitted(SignedMessage):
    """The same, under the host's signature. Routes: board, custodian."""

    event_type: ClassVar[str] = "alongside.reporting.checkpoint_submitted.v1"
    source: ClassVar[str] = "reporting"
    subject_field: ClassVar[str] = "offer_id"

    offer_id: Id
    host: Code
    size: Count
    root: Hash
    at: Instant
    before: Count
    proof: tuple[Hash, ...]
    ed25519: Signature
    ml_dsa_44: LaterSignature
    ed25519_key: Hash
    ml_dsa_44_key: LaterKey


@dataclass(frozen=True, kw_only=True)
class CheckpointJudged(SignedMessage):
    """What the custodian says to a checkpoint. Route: board, which passes it on.

    Attributes:
        host: Who sent it.
        outcome: ``COSIGNED``, or a code of ``shared.transparency.witness``.
        known: The size that this witness saw last.
        seen_at: When it was judged.
        cosignature: Over the checkpoint as of ``seen_at`` (C2SP cosignature/v1), where it is cosigned.
    """

    event_type: ClassVar[str] = "alongside.custodian.checkpoint_judged.v1"
    source: ClassVar[str] = "custodian"
    subject_field: ClassVar[str] = "offer_id"

    offer_id: Id
    host: Code
    size: Count
    root: Hash
    outcome: Code
    known: Count
    seen_at: Instant
    cosignature: Signature | None


@dataclass(frozen=True, kw_only=True)
class CheckpointAnswered(SignedMessage):
    """What a witness says to a checkpoint, for that host alone. Route: host.

    Attributes:
        judged_signature: The custodian's own over its ``CheckpointJudged``, where the witness is the custodian: the
            board, which brings it, is not believed in this.
    """

    event_type: ClassVar[str] = "alongside.board.checkpoint_answered.v1"
    source: ClassVar[str] = "board"
    subject_field: ClassVar[str] = "offer_id"

    offer_id: Id
    host: Code
    witness: Code
    size: Count
    root: Hash
    outcome: Code
    known: Count
    seen_at: Instant
    cosignature: Signature | None
    judged_signature: Signature | None


@dataclass(frozen=True, kw_only=True)
class CheckpointBrought(Event):
    """What a witness said, once its signatures were checked.

    Attributes:
        witness_key: The public key that they fit.
    """

    event_type: ClassVar[str] = "alongside.reporting.checkpoint_brought.v1"
    source: ClassVar[str] = "reporting"
    subject_field: ClassVar[str] = "offer_id"

    offer_id: Id
    witness: Code
    size: Count
    root: Hash
    outcome: Code
    known: Count
    seen_at: Instant
    cosignature: Signature | None
    witness_key: Hash
