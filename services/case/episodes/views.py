"""What case shows of episodes; sealed fields are opened for the caller who may see them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.case.episodes.documents import CHANGE, CHANGES, EPISODE, EPISODES
from services.case.episodes.rules import Episode
from services.case.episodes.states import BEFORE, ENDED
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_OF_ONE = 200
"""Episodes of one survivor that are read at once; far more than anybody has."""


class EpisodeViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what tells who may act on whom."""
        self._database = context.client[context.database_name]
        self._context = context
        self._survivors = survivors

    def episode(self, episode_id: str) -> dict[str, Any]:
        """Give an episode; ``DocumentMissingError`` if there is none."""
        document = self._database[EPISODES].find_one({"_id": episode_id})
        if document is None:
            raise DocumentMissingError(EPISODES)
        return episode_row(document, Sealer.of_known(self._context, [document["survivor_id"]]))

    def episodes(
        self, wanted: PageRequest, *, only_of: str | None, filters: Mapping[str, Any], is_machine: bool = False
    ) -> Page:
        """Give a page of episodes; those of an erased person are left out.

        Args:
            wanted: Which part.
            only_of: The advocate who asks; episodes of somebody on whom they may act no more are left out. None for
                who may see all.
            filters: Values that fields have to have; None for any.
            is_machine: Whether a machine asks, which is shown codes and ids, nothing that is sealed, and no referral of
                which support has not begun.
        """
        clauses: list[dict[str, Any]] = [{name: value} for name, value in filters.items() if value is not None]
        if only_of is not None:
            clauses.append(self.theirs(only_of))
        if is_machine:
            # Of a referral of which support has not begun nobody outside this service hears (ADR 0052).
            clauses.append({"begun": {"$ne": False}})
        where = {"$and": clauses} if clauses else {}
        page = find_page(self._database[EPISODES], wanted, where=where, row=dict)
        keys = self._context.survivor_keys.find_many({d["survivor_id"] for d in page.items})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        rows = [episode_row(d, sealer) for d in page.items if d["survivor_id"] in keys]
        return replace(page, items=[_without_sealed(row) for row in rows] if is_machine else rows)

    def of_survivor(self, survivor_id: str) -> list[dict[str, Any]]:
        """Give all episodes of a survivor; ``KeyDestroyedError`` if they were erased or are nobody."""
        sealer = Sealer.of_known(self._context, [survivor_id])
        found = self._database[EPISODES].find({"survivor_id": survivor_id}).limit(MOST_OF_ONE)
        return [episode_row(document, sealer) for document in found]

    def seen_of(self, who: Principal, survivor_id: str) -> list[dict[str, Any]]:
        """Give a survivor's episodes that somebody may see, those that go on first, then the newest referral."""
        rows = self.of_survivor(survivor_id)
        if who.role == ADVOCATE:
            parts = {None, *self._survivors.acts_as(survivor_id, who.actor_id)}
            rows = [row for row in rows if row["advocate_id"] in parts]
        return sorted(rows, key=lambda row: (row["status"] not in ENDED, row["referral_date"]), reverse=True)

    def waiting(self, most: int) -> list[dict[str, Any]]:
        """Give the episodes of which support has not begun, the oldest referral first."""
        waiting = self._database[EPISODES].find({"status": {"$in": list(BEFORE)}})
        found = self._survivors.not_erased(waiting.sort([("updated_at", 1)]), most)
        keys = self._context.survivor_keys.find_many({d["survivor_id"] for d in found})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        rows = [episode_row(d, sealer) for d in found if d["survivor_id"] in keys]
        return sorted(rows, key=lambda row: (row["referral_date"], row["updated_at"]))

    def states(self, episode_id: str, wanted: PageRequest) -> Page:
        """Give a page of the steps of an episode's support."""
        return find_page(
            self._database[CHANGES],
            wanted,
            where={"episode_id": episode_id},
            row=lambda one: CHANGE.row(CHANGE.values(one)),
        )

    def theirs(self, advocate_id: str) -> dict[str, Any]:
        """Give the filter of an advocate's episodes, and of those of nobody whose survivor is theirs."""
        gone = self._survivors.no_longer_theirs(advocate_id)
        own = self._survivors.theirs(advocate_id)
        covered = [
            {"survivor_id": survivor_id, "advocate_id": {"$in": sorted(instead_of)}}
            for survivor_id, instead_of in self._survivors.covered_for(advocate_id).items()
        ]
        return {
            "$or": [
                {"advocate_id": advocate_id, "survivor_id": {"$nin": gone}},
                {"advocate_id": None, "survivor_id": {"$in": own}},
                *covered,
            ]
        }


def _without_sealed(row: dict[str, Any]) -> dict[str, Any]:
    sealed = {one.name for one in EPISODE.fields if one.sealed}
    return {name: value for name, value in row.items() if name not in sealed}


def episode_row(document: Mapping[str, Any], sealer: Sealer) -> dict[str, Any]:
    """Give an episode as the API shows it.

    Whoever reads one answer reads "is not counted", whether a caseworker or an import says so.
    """
    values = EPISODE.values(document, opened=sealer.opening(document["survivor_id"]))
    excluded_by = Episode(**values).excluded_by
    return {**EPISODE.row(values), "excluded": excluded_by is not None, "excluded_by": excluded_by}
