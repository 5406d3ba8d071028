"""How something of one person may leave this host: case asks, consent permits or refuses, and may take it back.

Limit: no message says what is given or to whom by name: kinds and a class of recipients alone, and a hash that binds an
answer to the very things that were asked about. All are local. docs/decisions/0070-disclosures-by-permit.md.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from shared.contracts.fields import Code, Count, Hash, Id, Instant
from shared.kernel.messages import Event

LASTS = timedelta(minutes=5)
"""How long a permission to give something out lasts at most; a no that is still on its way can lose to it so long."""


@dataclass(frozen=True, kw_only=True)
class DisclosureRequested(Event):
    """Somebody who supports a survivor would give something of them to a recipient. Heard by: consent.

    Attributes:
        permit_id: Random, and of this one asking; asked again it is another one.
        data_classes: The kinds of what would be given, codes of the list ``data_class``.
        binds: A salted hash of everything that was asked about, the recipient's name too.
    """

    event_type: ClassVar[str] = "alongside.case.disclosure_requested.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "permit_id"

    permit_id: Id
    disclosure_id: Id
    survivor_id: Id
    purpose: Code
    recipient_class: Code
    data_classes: tuple[Code, ...]
    binds: Hash


@dataclass(frozen=True, kw_only=True)
class DisclosurePermitted(Event):
    """It may be given, until then, as far as consent knows. Heard by: case.

    Attributes:
        consent_id: The ledger that says yes.
        consent_sequence: Its version; what ended the ledger later has a higher one.
        said_at: When the survivor said that yes.
        text_hash: Of the words that were read out to them.
        until: At most five minutes after consent decided, and never beyond the yes itself.
    """

    event_type: ClassVar[str] = "alongside.consent.disclosure_permitted.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "permit_id"

    permit_id: Id
    disclosure_id: Id
    survivor_id: Id
    binds: Hash
    consent_id: Id
    consent_sequence: Count
    said_at: Instant
    text_hash: Hash
    decided_at: Instant
    until: Instant


@dataclass(frozen=True, kw_only=True)
class DisclosureRefused(Event):
    """It may not be given, or not any more: said of one that was permitted, it ends that. Heard by: case.

    Attributes:
        reason: A code of the list ``disclosure_refusal``.
    """

    event_type: ClassVar[str] = "alongside.consent.disclosure_refused.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "permit_id"

    permit_id: Id
    disclosure_id: Id
    survivor_id: Id
    reason: Code
    decided_at: Instant
