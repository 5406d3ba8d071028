"""A survivor, and who may act on them: plain rules, no database and no clock."""

from dataclasses import dataclass
from datetime import date, datetime

from services.case.survivors.covers import Cover
from services.case.survivors.errors import SupervisorAssignsError
from shared.kernel.tenancy import Principal

ADVOCATE = "IMSA"


@dataclass(frozen=True, kw_only=True)
class Survivor:
    """A person who is supported here; what names them is sealed under their own key.

    Attributes:
        advocate_ids: The advocates who may act on this person, in order; None where nobody stated it.
        covers: Who covers for one of them, and on which days.
        marked_under: Generation of the key under which this person is found (ADR 0054); None where nobody can yet.
        last_contact_on: The day of the last contact with this person; None where no day is known.
        restriction_id: By which restriction the use of their record is restricted; None where it is not (ADR 0067).
        turn: How many transactions took this person's turn (ADR 0017); None where none did.
    """

    id: str
    reference: str | None
    name: str | None
    safe_contact: str | None
    advocate_ids: tuple[str, ...] | None
    covers: tuple[Cover, ...] = ()
    last_contact_on: date | None = None
    turn: int | None = None
    restriction_id: str | None = None
    marked_under: int | None = None
    updated_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """One of the host's own people, as far as identity told."""

    id: str
    is_advocate: bool


def advocates_at_registration(who: Principal, named: str | None) -> tuple[str, ...]:
    """Give who may act on somebody who is registered now: an advocate's own are theirs, a supervisor names one.

    Raises:
        SupervisorAssignsError: An advocate names somebody else.
    """
    if who.role != ADVOCATE:
        return (named,) if named is not None else ()
    if named not in (None, who.actor_id):
        raise SupervisorAssignsError
    return (who.actor_id,)
