"""What case states of restrictions (UK GDPR Art 18): whose record is frozen, and whose is no longer."""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Id
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class ProcessingRestricted(Event):
    """The use of a survivor's record is restricted from now on (UK GDPR Art 18); why, nobody else needs to know.

    Heard by: consent, whose gate withholds them like a no, and integrations, which serves nothing of them but noes. It
    and its lifting bear the survivor's version; the newest counts.
    """

    event_type: ClassVar[str] = "alongside.case.processing_restricted.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "survivor_id"

    survivor_id: Id


@dataclass(frozen=True, kw_only=True)
class RestrictionLifted(Event):
    """The use of a survivor's record is restricted no longer. Heard by: consent; integrations."""

    event_type: ClassVar[str] = "alongside.case.restriction_lifted.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "survivor_id"

    survivor_id: Id
