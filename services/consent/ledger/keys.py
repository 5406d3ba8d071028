"""The id of a ledger: one for each survivor, purpose and class of recipients; pure."""

import hashlib

from services.consent.purposes.register import PURPOSES


def consent_key(survivor_id: str, purpose: str, recipient_class: str | None = None) -> str:
    """Give the one id of a survivor's consent to a purpose, so that two writers meet in one document.

    Args:
        recipient_class: One of the purpose's further recipients has a ledger of its own. Every other one, and None, is
            the purpose's own: a no that names recipients whom it never had ends the permission that there is.
    """
    named = f"{survivor_id}:{purpose}"
    if recipient_class in other_recipients(purpose):
        named = f"{named}:{recipient_class}"
    digest = hashlib.sha256(named.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def other_recipients(purpose: str) -> tuple[str, ...]:
    """Give those of a purpose's recipients who are meant only where they are named."""
    known = PURPOSES.get(purpose)
    return known.recipients[1:] if known is not None else ()
