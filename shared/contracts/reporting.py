"""What leaves a tenant for the centre: two sealed, padded halves that mean nothing apart.

These are the only events of a tenant that may have a route other than local.
"""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Id, Sealed
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class ShareSubmitted(Event):
    """A host's share A for one task, sealed to the board's key for that task. Route: board."""

    event_type: ClassVar[str] = "alongside.reporting.share_submitted.v1"
    source: ClassVar[str] = "reporting"
    subject_field: ClassVar[str] = "report_id"

    report_id: Id
    task_id: Id
    host: Code
    sealed: Sealed


@dataclass(frozen=True, kw_only=True)
class SeedSubmitted(Event):
    """A host's seed B for one task, sealed to the custodian's key for that task. Route: custodian."""

    event_type: ClassVar[str] = "alongside.reporting.seed_submitted.v1"
    source: ClassVar[str] = "reporting"
    subject_field: ClassVar[str] = "report_id"

    report_id: Id
    task_id: Id
    host: Code
    sealed: Sealed
