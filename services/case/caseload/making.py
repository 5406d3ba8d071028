"""Commands for several people of an advocate: who is meant is looked up here, and judged again where it is done."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.case.caseload.commands import CoverPeople, GivePeople
from services.case.caseload.rules import COVER, GIVE
from services.case.caseload.views import Chosen, TeamViews
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal


def giving(
    views: TeamViews, who: Principal, *, from_id: str, to_id: str, survivor_ids: Sequence[str] | None
) -> GivePeople:
    """Make the command that gives people, of everybody where none is named, to another advocate."""
    chosen = views.everybody(from_id, GIVE) if survivor_ids is None else views.named(tuple(survivor_ids))
    return GivePeople(**_about(who, from_id, to_id, chosen))


def covering(
    views: TeamViews,
    who: Principal,
    *,
    from_id: str,
    to_id: str,
    survivor_ids: Sequence[str] | None,
    first_on: date,
    last_on: date,
) -> CoverPeople:
    """Make the command that lets another advocate cover for people, for everybody where none is named."""
    cover = {
        "by": to_id,
        "instead_of": from_id,
        "first_on": first_on.isoformat(),
        "last_on": last_on.isoformat(),
    }
    chosen = views.everybody(from_id, COVER, cover) if survivor_ids is None else views.named(tuple(survivor_ids))
    return CoverPeople(**_about(who, from_id, to_id, chosen), first_on=first_on, last_on=last_on)


def _about(who: Principal, from_id: str, to_id: str, chosen: Chosen) -> dict[str, Any]:
    return {
        "move_id": new_id(),
        "from_id": from_id,
        "to_id": to_id,
        "survivor_ids": chosen.survivor_ids,
        "known_ids": chosen.known_ids,
        "more": chosen.more,
        "actor_id": who.actor_id,
        "role": who.role,
    }
