"""How a person's copy of what is kept about them is collected: what case asks, and what each service answers.

Limit: nothing of what is kept travels here. A service leaves its part in the strongroom, sealed to a key that is made
for this one collection, and says where it lies and its hash; that nothing is held is a part too, so that no queue tells
who is known where. The statistics meet no survivor: consent asks them, under ids that case never learns. All are local.
docs/decisions/0063-copies-that-are-collected.md.
"""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Hash, Id
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class AccessAsked(Event):
    """Somebody wants to see what is kept about them: what is it where you are? The same may be asked again.

    Attributes:
        asked_of: The one service whose part is wanted.
        reader_key: The public key to which the part is sealed.
    """

    event_type: ClassVar[str] = "alongside.case.access_asked.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "question_id"

    question_id: Id
    asked_of: Code
    survivor_id: Id
    reader_key: Hash


@dataclass(frozen=True, kw_only=True)
class CountingAccessAsked(Event):
    """The same for the statistics: what is kept of these contributions? Where nobody was stated: none."""

    event_type: ClassVar[str] = "alongside.consent.counting_access_asked.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "question_id"

    question_id: Id
    contribution_ids: tuple[Id, ...]
    reader_key: Hash


@dataclass(frozen=True, kw_only=True)
class AccessAnswered(Event):
    """Base of every service's answer.

    Attributes:
        part_id: Under which its part waits in the strongroom, for a day.
        part_hash: SHA-256 of what waits there, as it is sealed.
    """

    subject_field: ClassVar[str] = "question_id"

    question_id: Id
    part_id: Id
    part_hash: Hash


@dataclass(frozen=True, kw_only=True)
class ConsentPartLeft(AccessAnswered):
    """Consent's part waits in the strongroom."""

    event_type: ClassVar[str] = "alongside.consent.access_answered.v1"
    source: ClassVar[str] = "consent"


@dataclass(frozen=True, kw_only=True)
class IntegrationsPartLeft(AccessAnswered):
    """The part of what the host's own systems may learn waits in the strongroom."""

    event_type: ClassVar[str] = "alongside.integrations.access_answered.v1"
    source: ClassVar[str] = "integrations"


@dataclass(frozen=True, kw_only=True)
class AuditPartLeft(AccessAnswered):
    """Who saw the record waits in the strongroom."""

    event_type: ClassVar[str] = "alongside.audit.access_answered.v1"
    source: ClassVar[str] = "audit"


@dataclass(frozen=True, kw_only=True)
class ReportingPartLeft(AccessAnswered):
    """What the statistics keep waits in the strongroom."""

    event_type: ClassVar[str] = "alongside.reporting.access_answered.v1"
    source: ClassVar[str] = "reporting"
