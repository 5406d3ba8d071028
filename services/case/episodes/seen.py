"""Which of what is kept of episodes an advocate may see: a colleague's words are theirs (ADR 0051).

Shown by tests/integration/case/test_asking.py and tests/integration/case/test_approvals.py.
"""

from collections.abc import Iterable
from typing import Any

from pymongo.database import Database

from services.case.episodes.documents import EPISODES
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal

Rows = list[dict[str, Any]]


def seen_by(
    who: Principal, documents: Iterable[dict[str, Any]], database: Database[dict[str, Any]], survivors: SurvivorViews
) -> Rows:
    """Leave out what is about an episode of a colleague whom the advocate does not cover today."""
    documents = list(documents)
    if who.role != ADVOCATE:
        return documents
    ids = {"_id": {"$in": sorted({one["episode_id"] for one in documents})}}
    named = {one["_id"]: one["advocate_id"] for one in database[EPISODES].find(ids, {"advocate_id": 1})}
    covered = survivors.covered_for(who.actor_id)
    return [
        one
        for one in documents
        if named.get(one["episode_id"]) in {None, who.actor_id, *covered.get(one["survivor_id"], ())}
    ]
