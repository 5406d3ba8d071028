"""What may be asked of consent."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class RecordDecision:
    """A survivor decided; said_at None means now.

    Attributes:
        recipient_class: For whom the words are; None for the purpose's own recipients.
    """

    survivor_id: str
    purpose: str
    decision: str
    said_at: datetime | None
    wording_code: str | None
    language: str | None
    method: str | None
    setting_private: bool | None
    witness_role: str | None
    actor_id: str
    recipient_class: str | None = None


@dataclass(frozen=True, kw_only=True)
class WithdrawConsent:
    """A survivor changed their mind; no reason is asked."""

    consent_id: str
    said_at: datetime | None
    method: str | None
    actor_id: str


@dataclass(frozen=True, kw_only=True)
class RegisterWording:
    """The host's data protection officer registers words for a purpose, recipients and days."""

    code: str
    purpose: str
    recipient_class: str
    languages: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime | None
    text: str
    actor_id: str
