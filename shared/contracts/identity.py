"""Facts the identity service states of a host's own people: random ids, roles and whether they may act; no name."""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Count, Flag, Id
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class StaffChanged(Event):
    """Somebody was added, or their roles or state changed.

    Order: ``latest``; the whole state. Heard by: case, which lets nobody be named a survivor's advocate who is none.

    Attributes:
        roles: In this organisation itself; roles for other organisations are not told.
        active: Whether they may act: enrolled, and not suspended.
    """

    event_type: ClassVar[str] = "alongside.identity.staff_changed.v1"
    source: ClassVar[str] = "identity"
    subject_field: ClassVar[str] = "user_id"
    public_fields: ClassVar[tuple[str, ...]] = ("user_id", "roles", "active")
    public_since: ClassVar[str] = "0.2"

    user_id: Id
    roles: tuple[Code, ...]
    active: Flag


@dataclass(frozen=True, kw_only=True)
class RosterStated(Event):
    """Everybody who is here has been told of, each by a ``StaffChanged`` before this.

    From then on somebody of whom nothing was told is nobody here.
    """

    event_type: ClassVar[str] = "alongside.identity.roster_stated.v1"
    source: ClassVar[str] = "identity"
    subject_field: ClassVar[str] = "roster_id"

    roster_id: Id
    people: Count
