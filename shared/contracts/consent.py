"""Facts the consent service states: the gate between a tenant's case file and its statistics.

Limit: both events carry random ids known to consent and reporting alone; the link to a survivor never
leaves consent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from shared.contracts.fields import Code, Flag, Id, Instant, Month, Period
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class ConsentStatusChanged(Event):
    """A survivor's decision on one purpose changed. For integrators inside the tenant.

    Attributes:
        until: When a yes ends; None where there is none, and from a version that did not say it.
        recipient_class: For whom it was decided; None for the purpose's own recipients.
    """

    event_type: ClassVar[str] = "alongside.consent.status_changed.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "consent_id"
    public_fields: ClassVar[tuple[str, ...]] = (
        "consent_id", "survivor_id", "purpose", "status", "effective_at", "until", "recipient_class",
    )  # fmt: skip
    public_since: ClassVar[str] = "0.2"

    consent_id: Id
    survivor_id: Id
    purpose: Code
    status: Code
    effective_at: Instant
    until: Instant | None = None
    recipient_class: Code | None = None


@dataclass(frozen=True, kw_only=True)
class EverythingStopped(Event):
    """A survivor said that everything is to stop, or a person lifted it; the newest counts. Heard by: integrations."""

    event_type: ClassVar[str] = "alongside.consent.everything_stopped.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "survivor_id"

    survivor_id: Id
    is_stopped: Flag


@dataclass(frozen=True, kw_only=True)
class StatusTold(Event):
    """Where a decision stands that was made before integrators were served; told once. Heard by: integrations."""

    event_type: ClassVar[str] = "alongside.consent.status_told.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "consent_id"

    consent_id: Id
    survivor_id: Id
    purpose: Code
    status: Code
    effective_at: Instant
    until: Instant | None = None
    recipient_class: Code | None = None


@dataclass(frozen=True, kw_only=True)
class FactsReleased(Event):
    """While a purpose is effective: the facts of one episode, for statistics and for nothing else.

    Order: ``latest``; the event is the whole state of its contribution.

    Attributes:
        contribution_id: Random id of this episode for this purpose.
        person_id: Random id of the person for this purpose; a person counts once a table.
        effective_from: When the survivor said yes.
        until: When that consent expires, if it does.
        decided_recorded_at: When the decision was written down; it must be no later than the seal.
    """

    event_type: ClassVar[str] = "alongside.consent.facts_released.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "contribution_id"

    contribution_id: Id
    person_id: Id
    referral_month: Month
    gender: Code
    exploitation_types: tuple[Code, ...]
    region_of_nationality: Code
    transfer_in: Flag
    excluded: Flag
    effective_from: Instant
    until: Instant | None
    facts_recorded_at: Instant
    decided_recorded_at: Instant


@dataclass(frozen=True, kw_only=True)
class FactsWithheld(Event):
    """No effective consent: nothing but the reason, and the quarter under which the host counts it.

    Order: ``latest``. The quarter is the one thing told of the episode, so that the host's own preview
    can say how many are left out of a period (docs/decisions/0007-quarter-of-withheld-facts.md).

    Attributes:
        reason: ``UNKNOWN``, ``REFUSED``, ``RECONFIRM_REQUIRED``, ``WITHDRAWN``, ``EXPIRED`` and so on.
        effective_at: When that state began.
    """

    event_type: ClassVar[str] = "alongside.consent.facts_withheld.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "contribution_id"

    contribution_id: Id
    person_id: Id
    referral_quarter: Period
    reason: Code
    effective_at: Instant
    facts_recorded_at: Instant
    decided_recorded_at: Instant


VALIDITY = timedelta(days=365)
"""A permission is asked for again after a year (domain reference 4.2)."""


def permits(effective_from: datetime, until: datetime | None, at: datetime) -> bool:
    """Whether a permission holds at a moment: from when it was said, and until it runs out.

    The one interval rule: consent's gate asks it for now, a host's count for the seal, and the store for integrators
    whenever it is read.
    """
    return effective_from <= at and (until is None or at < until)
