"""What leaves a tenant for the centre: two sealed, padded halves that mean nothing apart.

These are the only events of a tenant that may have a route other than local.
"""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Hash, Id, Sealed, Signature
from shared.contracts.signed import SignedMessage


@dataclass(frozen=True, kw_only=True)
class ShareSubmitted(SignedMessage):
    """A host's share A for one task, sealed to the board's key for that task. Route: board.

    Attributes:
        task_signature: The data lead's signature of the task's hash, made with the sign-off.
        provenance: Salted commitment to the host's own ledger of who was counted under which consent; the
            ledger and the salt stay in the host.
        signature: The host's signature of this half.
        sealed: Share A, 4 bytes a cell; then the seed of the blindings, where the task's policy asks for it.
    """

    event_type: ClassVar[str] = "alongside.reporting.share_submitted.v1"
    source: ClassVar[str] = "reporting"
    subject_field: ClassVar[str] = "report_id"

    report_id: Id
    task_id: Id
    host: Code
    task_hash: Hash
    task_signature: Signature
    provenance: Hash
    sealed: Sealed
    signature: Signature


@dataclass(frozen=True, kw_only=True)
class SeedSubmitted(SignedMessage):
    """A host's seed B for one task, sealed to the custodian's key for that task. Route: custodian.

    Attributes:
        sealed: The seed, 32 bytes; then the proof that the vector could be true, with the commitments to it, where
            the task's policy asks for it (``shared.keys.proofs``).
    """

    event_type: ClassVar[str] = "alongside.reporting.seed_submitted.v1"
    source: ClassVar[str] = "reporting"
    subject_field: ClassVar[str] = "report_id"

    report_id: Id
    task_id: Id
    host: Code
    task_hash: Hash
    task_signature: Signature
    sealed: Sealed
    signature: Signature
