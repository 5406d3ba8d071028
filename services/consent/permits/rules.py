"""May something of a person be given to a recipient at a moment, and if not, why; pure, and in one place.

Promise: a no wins, and whatever is not known is one: only a yes that is in force, to words that are known, for these
recipients and for every kind of what would be given lets it go. Shown by tests/unit/consent/test_permit_rules.py.
Source: decisions 4; ADR 0070.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import EXPIRED, RECONFIRM, Entry
from services.consent.ledger.terms import NOT_ESTABLISHED
from services.consent.purposes.register import PURPOSES
from shared.contracts.disclosure import LASTS

PERMITTED, REFUSED, ENDED = "PERMITTED", "REFUSED", "ENDED"
NOT_OF_PURPOSE, NOT_ALL_OF_IT, STOPPED = "NOT_OF_PURPOSE", "NOT_ALL_OF_IT", "EVERYTHING_STOPPED"
NO_CAPACITY, ERASED, CHANGED = "CAPACITY_NOT_ESTABLISHED", "ERASED", "CHANGED"
RESTRICTED = "RESTRICTED"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody would give, in kinds, and to which class of recipients."""

    purpose: str
    recipient_class: str
    data_classes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Permit:
    """What consent answered to one asking.

    Attributes:
        id: Of the asking.
        binds: The hash of everything that was asked about, given back as it came.
        reason: Why not, or why not any more; None while it is permitted.
        consent_id, consent_sequence, text_hash, said_at, until: Of a permission: under which yes, and how long.
    """

    id: str
    disclosure_id: str
    survivor_id: str
    purpose: str
    recipient_class: str
    data_classes: tuple[str, ...]
    binds: str
    state: str
    reason: str | None = None
    consent_id: str | None = None
    consent_sequence: int = 0
    text_hash: str | None = None
    said_at: datetime | None = None
    decided_at: datetime
    until: datetime | None = None
    version: int = 0

    def ended(self, reason: str, at: datetime) -> "Permit":
        """Take a permission back."""
        return replace(self, state=ENDED, reason=reason, decided_at=at)


def of_purpose(wanted: Wanted) -> str | None:
    """Say why a purpose takes none of this for these recipients; None where it may."""
    purpose = PURPOSES.get(wanted.purpose)
    fits = (
        purpose is not None
        and purpose.leaves
        and wanted.recipient_class in purpose.recipients
        and bool(wanted.data_classes)
        and set(wanted.data_classes) <= set(purpose.data_classes)
    )
    return None if fits else NOT_OF_PURPOSE


def refusal(wanted: Wanted, consent: Consent, *, stopped: bool, restricted: bool, at: datetime) -> str | None:
    """Say why it may not be given at a moment, a code of the list ``disclosure_refusal``; None where it may.

    Args:
        wanted: What would be given.
        consent: The ledger of the purpose for these recipients.
        stopped: Whether everything is stopped for the person.
        restricted: Whether the use of their record is restricted.
        at: The moment.
    """
    if stopped or restricted:
        return STOPPED if stopped else RESTRICTED
    said = consent.standing.permission
    if said is None:
        return of_purpose(wanted) or consent.status
    return of_purpose(wanted) or (_covered(wanted, said) if consent.is_effective(at) else EXPIRED)


def _covered(wanted: Wanted, said: Entry) -> str | None:
    """Say what of this a yes does not cover; None where it covers all of it."""
    if said.terms.capacity == NOT_ESTABLISHED:
        return NO_CAPACITY
    # A yes of before its words were kept beside it, or to words for others, is no yes to this.
    if said.text_hash is None or said.recipient_class != wanted.recipient_class:
        return RECONFIRM
    covered = said.terms.data_classes
    return NOT_ALL_OF_IT if covered is not None and not set(wanted.data_classes) <= set(covered) else None


def lasts_until(consent: Consent, at: datetime) -> datetime:
    """Say until when a permission that is given at a moment lasts: minutes, and never beyond the yes itself."""
    latest = at + LASTS
    return latest if consent.until is None else min(latest, consent.until)
