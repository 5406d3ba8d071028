"""What case shows of goals; the words are opened for the caller who may see them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from services.case.goals.documents import GOAL, GOALS, SCORE, SCORES
from services.case.goals.rules import OPEN
from services.case.survivors.sealing import Sealer
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST = 100
"""Goals of one person that a page shows."""


class GoalViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        database = context.client[context.database_name]
        self._goals, self._scores = database[GOALS], database[SCORES]
        self._context = context

    def of_episode(self, episode: Mapping[str, Any], wanted: PageRequest) -> Page:
        """Give a page of an episode's goals."""
        page = find_page(self._goals, wanted, where={"episode_id": episode["id"]}, row=dict)
        return replace(page, items=self._rows(page.items, str(episode["survivor_id"])))

    def of_person(self, survivor_id: str, episode_ids: Collection[str]) -> list[dict[str, Any]]:
        """Give a person's goals in some episodes, those that are open first."""
        where = {"episode_id": {"$in": list(episode_ids)}, "survivor_id": survivor_id}
        found = list(self._goals.find(where).sort([("recorded_at", 1)]).limit(MOST))
        beside = {one["_id"]: one["episode_id"] for one in found}
        rows = [{**row, "episode_id": beside[row["id"]]} for row in self._rows(found, survivor_id)]
        return sorted(rows, key=lambda row: row["state"] != OPEN)

    def scores(self, episode_id: str, goal_id: str, wanted: PageRequest) -> Page:
        """Give a page of what they said of a goal; ``DocumentMissingError`` if that episode has none of this id."""
        if self._goals.find_one({"_id": goal_id, "episode_id": episode_id}, {"_id": 1}) is None:
            raise DocumentMissingError(GOALS)
        return find_page(self._scores, wanted, where={"goal_id": goal_id}, row=lambda one: SCORE.row(SCORE.values(one)))

    def _rows(self, documents: Iterable[dict[str, Any]], survivor_id: str) -> list[dict[str, Any]]:
        opening = Sealer.of_known(self._context, [survivor_id]).opening(survivor_id)
        return [GOAL.row(GOAL.values(one, opened=opening)) for one in documents]
