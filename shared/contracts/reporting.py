"""What leaves a tenant for the centre: two sealed, padded halves that mean nothing apart.

These are the only events of a tenant that may have a route other than local.
"""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Hash, Id, Sealed, Signature
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class ShareSubmitted(Event):
    """A host's share A for one task, sealed to the board's key for that task. Route: board.

    Attributes:
        task_signature: The data lead's signature of the task's hash, made with the sign-off.
        provenance: Salted commitment to the host's own ledger of who was counted under which consent; the
            ledger and the salt stay in the host.
        signature: The host's signature of this half.
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
class SeedSubmitted(Event):
    """A host's seed B for one task, sealed to the custodian's key for that task. Route: custodian."""

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
