"""What the gateway says of each request to audit: who, what, how they stand to the person, and what a search found."""

from collections.abc import Mapping, Sized
from typing import Any

from flask import g

from shared.kernel.messages import AuditIntent
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import UnitOfWork


def standing_now() -> Standing | None:
    """Give how the caller stands to the person of this request, as far as anything said so (``Gateway.stands``)."""
    standing: Standing | None = g.get("standing")
    return standing


def found_by(action: str, shown: Any) -> int | None:
    """Count what a search gave, whichever form it has; of anything else nothing is counted."""
    if not action.endswith(":search"):
        return None
    items = shown.get("items") if isinstance(shown, Mapping) else getattr(shown, "items", shown)
    return len(items) if isinstance(items, Sized) else None


def intent_of(
    who: Principal,
    action: str,
    object_id: str,
    outcome: str,
    work: UnitOfWork,
    *,
    standing: Standing | None = None,
    found: int | None = None,
) -> AuditIntent:
    """Give the intent to audit what somebody did."""
    return AuditIntent(
        action=action,
        actor_id=who.actor_id,
        role=who.role,
        object_id=object_id,
        outcome=outcome,
        at=work.now,
        standing=standing,
        found=found,
    )
