"""What stands on a person's one screen of needs and risks."""

from collections.abc import Collection
from typing import Any

from services.case.needs.documents import NEED_KIND, RISK_KIND
from services.case.needs.rules import IMMEDIATE, NO_NEED, histories
from services.case.needs.words import weighed_words
from services.case.outcomes.views import KeptViews
from shared.runtime.context import ServiceContext


def weighed_now(context: ServiceContext, survivor_id: str, episode_ids: Collection[str]) -> dict[str, Any]:
    """Give each risk as it stands and each need that is open, that which was weighed last first."""
    found: dict[str, Any] = {}
    for many, kind in (("risks", RISK_KIND), ("needs", NEED_KIND)):
        views: KeptViews[Any] = KeptViews(context, kind)
        kept = [one.now for one in histories(views.of_person(survivor_id, episode_ids))]
        open_now = [one for one in kept if one.level != NO_NEED]
        found[many] = [
            {**weighed_words(row, many), "immediate": row["level"] == IMMEDIATE} for row in views.rows(open_now)
        ]
    return found
