"""What stands on a person's one screen of what changed and what they gained."""

from collections.abc import Collection
from typing import Any

from services.case.outcomes.documents import ENTITLEMENT_KIND, RATING_KIND
from services.case.outcomes.kept import standing
from services.case.outcomes.views import KeptViews, change_rows
from services.case.outcomes.words import change_words
from shared.codelists.lists import get
from shared.runtime.context import ServiceContext


def answered_and_gained(context: ServiceContext, survivor_id: str, episode_ids: Collection[str]) -> dict[str, Any]:
    """Give the outcomes of which they said something, by their support, and what they gained, each once."""
    ratings = KeptViews(context, RATING_KIND).of_person(survivor_id, episode_ids)
    rows = [row for key in episode_ids for row in change_rows([one for one in ratings if one.episode_id == key])]
    gained = standing(KeptViews(context, ENTITLEMENT_KIND).of_person(survivor_id, episode_ids))
    labels = [get("entitlement").label(one.entitlement).lower() for one in gained]
    return {
        "answered": [change_words(row) for row in rows if row["last_answer"] is not None],
        "gained": list(dict.fromkeys(labels)),
    }
