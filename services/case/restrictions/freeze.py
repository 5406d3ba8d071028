"""What of case is frozen while a restriction holds, and what goes on all the same, each with its reason.

Whatever is not listed here is refused, also a route that is added later. Shown by
tests/integration/case/test_restrictions.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass, replace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from services.case.restrictions.documents import OPENINGS, holding, openings
from services.case.restrictions.rules import AN_ALARM, OPEN_FOR, Opening
from services.case.steps.views import Dates
from services.case.survivors.documents import SURVIVORS
from shared.kernel.tenancy import Principal
from shared.outbox.documents import DocumentType
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.freezing import RESTRICTED, Freeze

_A_RIGHT = "They may use any other right of theirs while one holds."
_SECOND = "A right of theirs needs a second person, who reads no more than whose it is."
_OUT_ALONE = "Somebody is out alone, or an alarm stands: a life may depend on it."
_ROW_BY_ROW = "It judges each row by itself: a no is taken, everything else of theirs is held."
PASSES: Mapping[str, str] = {
    "case:rights:take": _A_RIGHT,
    "case:rights:list-taken": "It shows how a request goes, and nothing of whoever asked.",
    "case:information_request:take": "Somebody outside asks about them: only the officer answers, who must hear of it.",
    "case:breach:take": "Something went wrong: only the officer reads it, who must hear of it.",
    "case:erasure:list": _SECOND,
    "case:erasure:read": _SECOND,
    "case:erasure:confirm": _SECOND,
    "case:access:list-left-out": _SECOND,
    "case:access:agree-left-out": _SECOND,
    "case:access:show-again": _SECOND,
    "case:caseload:end-cover": "It takes a right to read away, and gives none.",
    "case:interpreting:never": "It is a no of theirs: whom they never want to interpret.",
    "case:reference:put": _ROW_BY_ROW,
    "case:emergency:open": "A life comes first: it shows what keeps them safe alone, and tells the officer.",
    "case:emergency:read-record": "A life comes first: it shows what keeps them safe alone, and tells the officer.",
    "case:emergency:name-never": "A no is always taken.",
    "case:restriction:open": "It opens what keeps them safe, and tells the officer.",
    "case:restriction:read-opened": "It opens what keeps them safe, and tells the officer.",
}
VITAL: Mapping[str, str] = {
    f"case:visit:{verb}": _OUT_ALONE
    for verb in ("list", "list-alarms", "read", "safe", "longer", "help", "end", "alarm-take", "alarm-close")
}
"""What passes for the sake of a life (Art 18(2)); a command of these tells the officer."""
MASKED = (
    "case:survivor:list", "case:survivor:search", "case:survivor:references", "case:reference:search",
)  # fmt: skip
"""Lists and searches that say of somebody who is looked for that the officer is to be asked."""

_KEPT = ("id", "survivor_id", "version", "updated_at")


def freeze(context: ServiceContext, kinds: Sequence[DocumentType]) -> Freeze:
    """Give what is frozen of case."""
    return Freeze(
        database=context.client[context.database_name],
        people=SURVIVORS,
        flag="restriction_id",
        kinds=kinds,
        passes={**PASSES, **VITAL},
        joint=("case:duplicate:answer",),
        masks=dict.fromkeys(MASKED, _masked),
        told=_told,
    )


def _masked(row: Any) -> Any:
    """Give a row with nothing but whose it is, and that the officer is to be asked."""
    if isinstance(row, Mapping):
        return {**dict.fromkeys(row), **{name: row[name] for name in _KEPT if name in row}, "restricted": True}
    if is_dataclass(row) and not isinstance(row, type):
        bare = {"name": RESTRICTED, "reference": None, "last_contact_on": None, "dates": Dates(overdue=0, next=())}
        return replace(row, **bare)
    return row


def _told(work: UnitOfWork, survivor_id: str, action: str, who: Principal) -> None:
    """Tell the officer that somebody did something about an alarm; once of one restriction and one person."""
    holds = holding(work, survivor_id) if action in VITAL else None
    if holds is None:
        return
    key = str(uuid5(NAMESPACE_OID, f"{holds.id}/{who.actor_id}"))
    if work.find(OPENINGS, key) is None:
        opening = Opening(
            id=key,
            survivor_id=survivor_id,
            restriction_id=holds.id,
            why=AN_ALARM,
            actor_id=who.actor_id,
            role=who.role,
            opened_at=work.now,
            until=work.now + OPEN_FOR,
            updated_at=work.now,
        )
        openings(work).add(opening)
